// The server's decisions: refusals first, then what is released, then random lives against the promises.
#include "core/server.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/key_id.h"
#include "core/time.h"

using namespace mandos::core; // NOLINT(google-build-using-namespace): it is what is tested
using mandos::as_text;
using mandos::to_bytes;
using std::chrono::seconds;

namespace {

constexpr Time start{seconds(1000)};

KeyId key(char digit) {
    return *KeyId::parse(std::string(64, digit));
}

ClientSettings client(char digit) {
    ClientSettings settings;
    settings.name = std::string(1, digit);
    settings.key_id = key(digit);
    settings.secret = to_bytes("secret of " + settings.name);
    return settings;
}

Actions ask(Server& server, char digit, std::uint64_t connection = 1, Time now = start) {
    return server.handle(SecretAsked{.connection = ConnectionId(connection), .key_id = key(digit)}, now);
}

std::optional<Refusal> refusal(const Actions& actions) {
    if (actions.size() != 1 || !std::holds_alternative<Refuse>(actions.front()))
        return std::nullopt;
    return std::get<Refuse>(actions.front()).reason;
}

std::string released(const Actions& actions) {
    if (actions.size() != 1 || !std::holds_alternative<Release>(actions.front()))
        return "(nothing)";
    return std::string(as_text(*std::get<Release>(actions.front()).secret));
}

Server server_with(ClientSettings settings) {
    return Server(Clients({std::move(settings)}));
}

} // namespace

TEST(Server, RefusesAnUnknownKey) {
    Server server = server_with(client('a'));
    EXPECT_EQ(refusal(ask(server, 'b')), Refusal::UnknownKey);
}

TEST(Server, RefusesAKeyThatTwoClientsShare) {
    ClientSettings twin = client('a');
    twin.name = "twin";
    Server server(Clients({client('a'), twin}));
    EXPECT_EQ(refusal(ask(server, 'a')), Refusal::SharedKey);
}

TEST(Server, RefusesADisabledClient) {
    ClientSettings settings = client('a');
    settings.enabled = false;
    Server server = server_with(settings);
    const Actions actions = ask(server, 'a');
    EXPECT_EQ(refusal(actions), Refusal::Disabled);
    EXPECT_EQ(std::get<Refuse>(actions.front()).client, "a");
}

TEST(Server, RefusesAClientWithAnEmptySecret) {
    ClientSettings settings = client('a');
    settings.secret.clear();
    Server server = server_with(settings);
    EXPECT_EQ(refusal(ask(server, 'a')), Refusal::NoSecret);
}

TEST(Server, RefusesWhenNobodyApprovedInTime) {
    ClientSettings settings = client('a');
    settings.approval_delay = seconds(10);
    settings.approved_by_default = false;
    Server server = server_with(settings);
    EXPECT_TRUE(std::holds_alternative<AwaitApproval>(ask(server, 'a').at(0)));
    EXPECT_EQ(server.next_deadline(), start + seconds(10));
    EXPECT_TRUE(server.handle(TimePassed{}, start + seconds(9)).empty());
    EXPECT_EQ(refusal(server.handle(TimePassed{}, start + seconds(10))), Refusal::ApprovalTimedOut);
    EXPECT_EQ(server.next_deadline(), std::nullopt);
}

TEST(Server, ReleasesNothingToAConnectionThatWentWhileItWaited) {
    ClientSettings settings = client('a');
    settings.approval_delay = seconds(10);
    Server server = server_with(settings);
    (void)ask(server, 'a', 1);
    (void)ask(server, 'a', 2);
    EXPECT_TRUE(server.handle(ConnectionGone{ConnectionId(1)}, start).empty());
    const Actions actions = server.handle(TimePassed{}, start + seconds(10));
    EXPECT_EQ(released(actions), "secret of a");
    EXPECT_EQ(std::get<Release>(actions.front()).connection, ConnectionId(2));
}

TEST(Server, ReleasesTheSecretOfTheClientWhoseKeyWasProved) {
    Server server(Clients({client('a'), client('b')}));
    EXPECT_EQ(released(ask(server, 'a')), "secret of a");
    EXPECT_EQ(released(ask(server, 'b')), "secret of b");
}

TEST(Server, ReleasesAfterTheApprovalDelayWhenThatIsTheDefault) {
    ClientSettings settings = client('a');
    settings.approval_delay = seconds(10);
    Server server = server_with(settings);
    (void)ask(server, 'a');
    EXPECT_TRUE(server.handle(TimePassed{}, start + seconds(9)).empty());
    EXPECT_EQ(released(server.handle(TimePassed{}, start + seconds(11))), "secret of a");
}

// Random clients, askers, hang-ups and times: nobody gets what the table does not give, and nobody twice.
TEST(Server, KeepsItsPromisesInRandomLives) {
    const char* chosen = std::getenv("MANDOS_TEST_SEED");
    const auto seed = chosen != nullptr ? std::stoul(chosen) : std::random_device{}();
    SCOPED_TRACE("MANDOS_TEST_SEED=" + std::to_string(seed));
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    const auto one_of = [&random](int count) {
        return static_cast<int>(random() % static_cast<unsigned>(count));
    };

    for (int life = 0; life < 300; ++life) {
        std::map<char, ClientSettings> by_digit;
        std::set<char> shared;
        std::vector<ClientSettings> settings;
        for (const char digit : {'a', 'b', 'c', 'd'}) {
            ClientSettings one = client(digit);
            one.enabled = one_of(4) != 0;
            if (one_of(6) == 0)
                one.secret.clear();
            one.approval_delay = seconds(one_of(2) * one_of(20));
            one.approved_by_default = one_of(2) != 0;
            by_digit.emplace(digit, one);
            settings.push_back(one);
            if (one_of(8) == 0) {
                one.name += " twin";
                settings.push_back(one);
                shared.insert(digit);
            }
        }
        Server server{Clients(settings)};

        struct Asked {
            char digit;
            Time when;
        };
        std::map<ConnectionId, Asked> open;
        std::uint64_t next_connection = 0;
        Time now = start;
        const auto carry_out = [&](const Actions& actions) {
            for (const Action& action : actions) {
                if (const auto* release = std::get_if<Release>(&action)) {
                    ASSERT_TRUE(open.contains(release->connection)) << "answered twice, or after it went";
                    const Asked asked = open.at(release->connection);
                    const ClientSettings& owner = by_digit.at(asked.digit);
                    EXPECT_TRUE(owner.enabled);
                    EXPECT_FALSE(shared.contains(asked.digit));
                    EXPECT_FALSE(release->secret->empty());
                    EXPECT_EQ(*release->secret, owner.secret);
                    EXPECT_GE(now, asked.when + owner.approval_delay);
                    EXPECT_TRUE(owner.approval_delay == seconds(0) || owner.approved_by_default);
                    open.erase(release->connection);
                } else if (const auto* refuse = std::get_if<Refuse>(&action)) {
                    ASSERT_EQ(open.erase(refuse->connection), 1U);
                } else {
                    EXPECT_TRUE(open.contains(std::get<AwaitApproval>(action).connection));
                }
            }
        };
        for (int step = 0; step < 100; ++step) {
            now += std::chrono::milliseconds(one_of(3000));
            switch (one_of(4)) {
            case 0:
            case 1: {
                const char digit = "abcdef"[one_of(6)];
                const auto connection = static_cast<ConnectionId>(next_connection++);
                open.emplace(connection, Asked{digit, now});
                by_digit.try_emplace(digit, [] {
                    ClientSettings s;
                    s.enabled = false;
                    return s;
                }());
                carry_out(server.handle(SecretAsked{.connection = connection, .key_id = key(digit)}, now));
                break;
            }
            case 2:
                if (!open.empty()) {
                    const ConnectionId gone = open.begin()->first;
                    open.erase(gone);
                    carry_out(server.handle(ConnectionGone{gone}, now));
                }
                break;
            default:
                carry_out(server.handle(TimePassed{}, now));
                EXPECT_TRUE(!server.next_deadline() || *server.next_deadline() > now);
            }
        }
        now += seconds(100);
        carry_out(server.handle(TimePassed{}, now));
        EXPECT_TRUE(open.empty()) << "somebody was never answered";
    }
}
