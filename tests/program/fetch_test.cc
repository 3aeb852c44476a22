// fetch_password() where a program needs it and a script cannot see: settings that cannot be used, and giving
// up.
#include "programs/fetch/fetch.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/net/resolve.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/server_address.h"
#include "core/time.h"
#include "loop/asio.h"
#include "programs/fetch/reporter.h"
#include "programs/fetch/source.h"

using mandos::ErrorKind;
using mandos::SecretBytes;
using mandos::fetch::Detail;
using mandos::fetch::fetch_password;
using mandos::fetch::Reporter;
using mandos::fetch::Settings;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

namespace {

// RFC 8410 §10.3: an example of a private key, and its public one.
constexpr std::string_view private_key = "-----BEGIN PRIVATE KEY-----\n"
                                         "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                         "-----END PRIVATE KEY-----\n";
constexpr std::string_view public_key = "-----BEGIN PUBLIC KEY-----\n"
                                        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                        "-----END PUBLIC KEY-----\n";

Settings settings_for(std::vector<mandos::core::ServerAddress> servers) {
    Settings settings;
    settings.servers = std::move(servers);
    settings.tls_keys.public_key_pem = public_key;
    settings.tls_keys.private_key_pem = SecretBytes::copy_of(mandos::as_bytes(private_key));
    settings.retry = milliseconds(100);
    return settings;
}

// Nobody listens on port 1 here.
const mandos::core::ServerAddress nobody{.host = "127.0.0.1", .scope = "", .port = 1};

void ignore(std::string_view) {}

// Tells of servers where nobody listens, as many as it is asked to, each of an announcer of its own.
class Announcers : public mandos::fetch::Source {
  public:
    explicit Announcers(int many) : many_(many) {}

    void start(const mandos::io::any_io_executor&, mandos::fetch::Candidates& candidates) override {
        EXPECT_FALSE(std::exchange(started_, true));
        ++starts_;
        for (int i = 0; i < many_; ++i)
            candidates.found({.endpoint = **mandos::net::numeric_endpoint(nobody, ""),
                              .announcer = {.link = 1, .source = std::to_string(i)},
                              .service = "na\nme"});
    }
    void stop() override { EXPECT_TRUE(std::exchange(started_, false)); }

    int starts() const { return starts_; }
    bool is_started() const { return started_; }

  private:
    const int many_;
    int starts_ = 0;
    bool started_ = false;
};

} // namespace

TEST(Fetch, RefusesKeysAndPrioritiesThatItCannotUse) {
    Settings no_keys = settings_for({nobody});
    no_keys.tls_keys.public_key_pem = "nothing";
    const auto without_keys = fetch_password(no_keys, ignore);
    ASSERT_FALSE(without_keys);
    EXPECT_EQ(without_keys.error().kind(), ErrorKind::Invalid);

    Settings bad_priority = settings_for({nobody});
    bad_priority.priority = "NONSENSE";
    const auto without_priority = fetch_password(bad_priority, ignore);
    ASSERT_FALSE(without_priority);
    EXPECT_EQ(without_priority.error().kind(), ErrorKind::Invalid);
}

TEST(Fetch, GivesUpWithWhatTheTriesFailedOf) {
    Settings settings = settings_for({nobody, {.host = "::ffff:127.0.0.1", .scope = "", .port = 1}});
    settings.give_up_after = milliseconds(250);
    std::vector<std::string> lines;
    const auto before = std::chrono::steady_clock::now();
    const auto outcome =
        fetch_password(settings, [&lines](std::string_view line) { lines.emplace_back(line); });
    EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(250));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind(), ErrorKind::TimedOut);
    EXPECT_EQ(outcome.error().text(), "no server gave the password within 0.25 s: "
                                      "127.0.0.1:1: cannot connect: Connection refused; "
                                      "[::ffff:127.0.0.1]:1: cannot connect: Connection refused");
    EXPECT_EQ(lines.size(), 2U) << "the same failure is told once";
}

TEST(Fetch, IsInterruptedByASignalAndGivesItsHandlerBack) {
    Settings settings = settings_for({nobody});
    settings.give_up_after = seconds(60);
    const auto outcome = fetch_password(settings, [](std::string_view) { (void)raise(SIGTERM); });
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(std::holds_alternative<mandos::fetch::Interrupted>(*outcome));
    EXPECT_EQ(std::get<mandos::fetch::Interrupted>(*outcome).signal, SIGTERM);
    struct sigaction action{};
    ASSERT_EQ(sigaction(SIGTERM, nullptr, &action), 0);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
}

TEST(Fetch, StartsAndStopsItsSourceEachTime) {
    Announcers source(1);
    Settings settings = settings_for({});
    settings.source = &source;
    settings.give_up_after = milliseconds(50);
    for (int search = 1; search <= 2; ++search) {
        const auto given_up = fetch_password(settings, ignore);
        ASSERT_FALSE(given_up);
        EXPECT_EQ(given_up.error().text(), "no server gave the password within 0.05 s: "
                                           "\"na\\nme\" (127.0.0.1:1): cannot connect: Connection refused");
        EXPECT_FALSE(source.is_started());
        EXPECT_EQ(source.starts(), search);
    }
    settings.give_up_after = seconds(60);
    const auto interrupted = fetch_password(settings, [](std::string_view) { (void)raise(SIGINT); });
    ASSERT_TRUE(interrupted);
    EXPECT_FALSE(source.is_started());
    Settings no_keys = settings_for({});
    no_keys.source = &source;
    no_keys.tls_keys.public_key_pem = "nothing";
    EXPECT_FALSE(fetch_password(no_keys, ignore));
    EXPECT_EQ(source.starts(), 3);
}

TEST(Fetch, WaitsForASourceThatFindsNobody) {
    Announcers source(0);
    Settings settings = settings_for({});
    settings.source = &source;
    settings.give_up_after = milliseconds(50);
    const auto outcome = fetch_password(settings, ignore);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().text(), "no server gave the password within 0.05 s: none has answered yet");
}

TEST(Reporter, LeavesOutWhatAFloodOfFoundServersWouldSay) {
    std::vector<std::string> lines;
    Reporter reporter([&lines](std::string_view line) { lines.emplace_back(line); }, Detail::Failures);
    const mandos::core::Time start(seconds(100));
    for (int i = 0; i < 100; ++i)
        reporter.failed("found " + std::to_string(i), Reporter::Origin::Found, "refused", seconds(1), start);
    reporter.failed("given", Reporter::Origin::Given, "refused", seconds(1), start);
    ASSERT_EQ(lines.size(), 21U);
    EXPECT_THAT(reporter.last_failures(), testing::EndsWith("; and 81 more"));
    EXPECT_EQ(lines.at(20), "given: refused; trying again in 1 s");
    lines.clear();
    reporter.failed("found 7", Reporter::Origin::Found, "cut", seconds(1), start + seconds(60));
    EXPECT_THAT(lines, testing::ElementsAre("80 lines about other servers that were found were left out",
                                            "found 7: cut; trying again in 1 s"));
}

TEST(Reporter, ForgetsWhoIsNotTriedAnyMore) {
    Reporter reporter(ignore, Detail::Failures);
    reporter.failed("a:1", Reporter::Origin::Found, "refused", seconds(1), {});
    reporter.forget("a:1");
    EXPECT_EQ(reporter.last_failures(), "");
}

TEST(Reporter, TellsTheSameFailureOnceAMinute) {
    std::vector<std::string> lines;
    Reporter reporter([&lines](std::string_view line) { lines.emplace_back(line); }, Detail::Failures);
    const mandos::core::Time start(seconds(100));
    for (int second = 0; second < 90; ++second)
        reporter.failed("a:1", Reporter::Origin::Given, "refused", milliseconds(1500),
                        start + seconds(second));
    reporter.failed("b:1", Reporter::Origin::Given, "refused", std::nullopt, start);
    reporter.failed("a:1", Reporter::Origin::Given, "cut", seconds(10), start + seconds(90));
    EXPECT_THAT(lines, testing::ElementsAre(
                           "a:1: refused; trying again in 1.5 s",
                           "a:1: refused; trying again in 1.5 s (59 more like this in the last minute)",
                           "b:1: refused", "a:1: cut; trying again in 10 s"));
    EXPECT_EQ(reporter.last_failures(), "a:1: cut; b:1: refused");
}

TEST(Reporter, TellsStepsOnlyWhenAsked) {
    std::vector<std::string> lines;
    const auto add = [&lines](std::string_view line) { lines.emplace_back(line); };
    Reporter(add, Detail::Failures).step("a:1", "connecting");
    EXPECT_TRUE(lines.empty());
    Reporter all(add, Detail::EachStep);
    all.step("a:1", "connecting");
    all.failed("a:1", Reporter::Origin::Given, "refused", std::nullopt, {});
    all.failed("a:1", Reporter::Origin::Given, "refused", std::nullopt, {});
    EXPECT_THAT(lines, testing::ElementsAre("a:1: connecting", "a:1: refused", "a:1: refused"));
}
