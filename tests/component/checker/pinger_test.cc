// In a network namespace of its own, where loopback can be told not to answer, with both kinds of sockets.
#include "adapters/checker/pinger.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/checker/ping_sockets.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "tests/support/own_network.h"
#include "wire/icmp_echo.h"

using mandos::Bytes;
using mandos::ErrorKind;
using mandos::Result;
using mandos::UniqueFd;
using mandos::checker::Pinger;
using mandos::checker::PingSocket;
using mandos::checker::PingSockets;
using mandos::support::set_sysctl;
namespace io = mandos::io;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s; // never needed by a passing test

// Once, before there are threads.
class OwnNetwork : public testing::Environment {
  public:
    void SetUp() override { mandos::support::enter_own_network(); }
};
const auto* const own_network = testing::AddGlobalTestEnvironment(new OwnNetwork);

sockaddr_storage address(const std::string& text) {
    sockaddr_storage storage{};
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        std::memcpy(&storage, &v4, sizeof v4);
    } else {
        EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1);
        v6.sin6_family = AF_INET6;
        std::memcpy(&storage, &v6, sizeof v6);
    }
    return storage;
}

// With each kind of socket.
class PingerTest : public testing::TestWithParam<PingSocket::Kind> {
  protected:
    void SetUp() override {
        if (GetParam() == PingSocket::Kind::Datagram)
            set_sysctl("ipv4/ping_group_range", "0 2147483647");
        else
            set_sysctl("ipv4/ping_group_range", "1 0");
        hosts_answer("0");
    }
    void TearDown() override { hosts_answer("0"); }

    static void hosts_answer(const std::string& ignore) {
        set_sysctl("ipv4/icmp_echo_ignore_all", ignore);
        set_sysctl("ipv6/icmp/echo_ignore_all", ignore);
    }
    static void nobody_answers() { hosts_answer("1"); }

    static PingSockets sockets() {
        auto opened = PingSockets::open();
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
        EXPECT_EQ(opened->v4.kind, GetParam());
        EXPECT_EQ(opened->v6.kind, GetParam());
        return *std::move(opened);
    }

    static Result<void> ping(const std::vector<std::string>& hosts, std::chrono::milliseconds limit) {
        io::io_context loop;
        Pinger pinger(loop.get_executor(), sockets());
        std::vector<sockaddr_storage> addresses;
        for (const std::string& host : hosts)
            addresses.push_back(address(host));
        std::optional<Result<void>> result;
        pinger.start(addresses, limit, [&result](Result<void> answered) { result = std::move(answered); });
        EXPECT_FALSE(result);
        loop.run(); // ends by itself, so nothing is left behind
        return *std::move(result);
    }
};

// Whoever sees each request and answers it as he likes: a raw socket gets a copy of everything on loopback.
class Impostor {
  public:
    explicit Impostor(io::io_context& loop)
        : seen_(loop, socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP)) {}

    // ANSWER is called with each request as the reply that it wants.
    void for_each_request(std::function<void(const mandos::wire::Echo&)> answer) {
        seen_.async_wait(io::posix::stream_descriptor::wait_read,
                         [this, answer = std::move(answer)](const std::error_code& error) mutable {
                             if (error)
                                 return;
                             read_all(answer);
                             for_each_request(std::move(answer));
                         });
    }

    void end() { seen_.close(); }

    // From the address FROM.
    static void reply(const std::string& from, const mandos::wire::Echo& echo) {
        Bytes message = mandos::wire::write_echo_request(echo, mandos::wire::IpVersion::V4);
        message[0] = std::byte{0};
        message[2] = std::byte{0};
        message[3] = std::byte{0};
        std::uint32_t sum = 0;
        for (std::size_t i = 0; i < message.size(); i += 2)
            sum += std::to_integer<std::uint32_t>(message[i]) << 8
                   | std::to_integer<std::uint32_t>(message[i + 1]);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = ~((sum & 0xFFFF) + (sum >> 16));
        message[2] = static_cast<std::byte>(sum >> 8);
        message[3] = static_cast<std::byte>(sum);
        const UniqueFd raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
        const sockaddr_storage source = address(from);
        ASSERT_EQ(bind(raw.get(), reinterpret_cast<const sockaddr*>(&source), sizeof(sockaddr_in)), 0);
        const sockaddr_storage to = address("127.0.0.1");
        ASSERT_EQ(sendto(raw.get(), message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                         sizeof(sockaddr_in)),
                  static_cast<ssize_t>(message.size()));
    }

  private:
    void read_all(const std::function<void(const mandos::wire::Echo&)>& answer) {
        Bytes packet(2048);
        for (;;) {
            const ssize_t got = recv(seen_.native_handle(), packet.data(), packet.size(), 0);
            if (got < 0)
                return;
            const auto message =
                mandos::wire::without_ipv4_header(std::span(packet).first(static_cast<std::size_t>(got)));
            if (!message || message->size() != 16 || message->front() != std::byte{8})
                continue;
            const auto number = [&message](std::size_t at, std::size_t size) {
                std::uint64_t value = 0;
                for (std::size_t i = 0; i < size; ++i)
                    value = value << 8 | std::to_integer<std::uint64_t>((*message)[at + i]);
                return value;
            };
            answer({.identifier = static_cast<std::uint16_t>(number(4, 2)),
                    .sequence = static_cast<std::uint16_t>(number(6, 2)),
                    .token = number(8, 8)});
        }
    }

    io::posix::stream_descriptor seen_;
};

// Pings 127.0.0.1 beside an impostor.
Result<void> ping_beside(PingSockets sockets, std::function<void(const mandos::wire::Echo&)> answer,
                         std::chrono::milliseconds limit) {
    io::io_context loop;
    Pinger pinger(loop.get_executor(), std::move(sockets));
    Impostor impostor(loop);
    impostor.for_each_request(std::move(answer));
    std::optional<Result<void>> result;
    const std::vector<sockaddr_storage> to{address("127.0.0.1")};
    pinger.start(to, limit, [&](Result<void> answered) {
        result = std::move(answered);
        impostor.end();
    });
    loop.run();
    return *std::move(result);
}

INSTANTIATE_TEST_SUITE_P(Kinds, PingerTest,
                         testing::Values(PingSocket::Kind::Datagram, PingSocket::Kind::Raw),
                         [](const auto& kind) {
                             return kind.param == PingSocket::Kind::Raw ? "Raw" : "Datagram";
                         });

} // namespace

TEST_P(PingerTest, HearsNothingFromWhoDoesNotAnswer) {
    nobody_answers();
    for (const char* host : {"127.0.0.1", "::1"}) {
        const Result<void> answered = ping({host}, 700ms);
        ASSERT_FALSE(answered);
        EXPECT_EQ(answered.error().kind(), ErrorKind::TimedOut);
        EXPECT_EQ(answered.error().text(), fmt::format("no answer from {} within 0.7 s", host));
    }
}

TEST_P(PingerTest, SaysWhyNothingCanBeSent) {
    const Result<void> answered = ping({"192.0.2.1"}, 50ms);
    ASSERT_FALSE(answered);
    EXPECT_EQ(answered.error().text(), "cannot ping 192.0.2.1: Network is unreachable");
}

TEST_P(PingerTest, BelievesNoForgedReply) {
    nobody_answers();
    int requests = 0;
    const auto forge = [&requests](const mandos::wire::Echo& wanted) {
        ++requests;
        const auto changed = [&wanted](auto change) {
            mandos::wire::Echo echo = wanted;
            change(echo);
            return echo;
        };
        Impostor::reply("127.0.0.2", wanted);
        Impostor::reply("127.0.0.1", changed([](auto& echo) { echo.token ^= 1; }));
        Impostor::reply("127.0.0.1", changed([](auto& echo) { echo.token = 0; }));
        Impostor::reply("127.0.0.1", changed([](auto& echo) { echo.identifier ^= 1; }));
        Impostor::reply("127.0.0.1", changed([](auto& echo) { echo.sequence += 100; }));
        Impostor::reply("127.0.0.1", changed([](auto& echo) {
                            --echo.sequence;
                            echo.token ^= 1;
                        }));
    };
    EXPECT_FALSE(ping_beside(sockets(), forge, 1900ms));
    EXPECT_GE(requests, 2) << "at 0, 0.5 and 1.5 s, or somewhat later";
}

TEST_P(PingerTest, BelievesWhoHasSeenTheRequest) {
    // So that the refusals above are for their reasons.
    nobody_answers();
    const auto answer = [](const mandos::wire::Echo& wanted) { Impostor::reply("127.0.0.1", wanted); };
    EXPECT_TRUE(ping_beside(sockets(), answer, patience));
}

TEST_P(PingerTest, HearsWhoAnswers) {
    for (const char* host : {"127.0.0.1", "127.5.6.7", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(ping({host}, patience)) << host;
}

TEST_P(PingerTest, IsContentWithOneAddressOfSeveral) {
    EXPECT_TRUE(ping({"192.0.2.1", "2001:db8::1", "127.0.0.1"}, patience));
    set_sysctl("ipv4/icmp_echo_ignore_all", "1");
    EXPECT_TRUE(ping({"127.0.0.1", "::1"}, patience));
}

TEST_P(PingerTest, AsksAgain) {
    nobody_answers();
    int requests = 0;
    const auto wake = [&requests](const mandos::wire::Echo&) {
        if (++requests == 1)
            hosts_answer("0");
    };
    EXPECT_TRUE(ping_beside(sockets(), wake, patience)) << "the first request had no answer";
}

TEST_P(PingerTest, CallsNobodyAfterAStop) {
    io::io_context loop;
    Pinger pinger(loop.get_executor(), sockets());
    const std::vector<sockaddr_storage> to{address("127.0.0.1")};
    const auto stopped = pinger.start(to, patience, [](const Result<void>&) { FAIL() << "it was stopped"; });
    pinger.stop(stopped);
    bool answered = false;
    pinger.start(to, patience, [&answered](const Result<void>& result) { answered = result.has_value(); });
    loop.run();
    EXPECT_TRUE(answered);
}

TEST_P(PingerTest, PingsFiveThousandAtOnce) {
    constexpr int all = 5000;
    io::io_context loop;
    Pinger pinger(loop.get_executor(), sockets());
    int answered = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < all; ++i) {
        const std::vector<sockaddr_storage> to{address(fmt::format("127.1.{}.{}", i / 250, i % 250 + 1))};
        pinger.start(to, patience, [&answered](const Result<void>& result) { answered += result ? 1 : 0; });
    }
    loop.run();
    EXPECT_EQ(answered, all);
    RecordProperty("milliseconds", static_cast<int>((std::chrono::steady_clock::now() - begin) / 1ms));
}

TEST_P(PingerTest, WaitsForFiveThousandThatDoNotAnswer) {
    nobody_answers();
    constexpr int all = 5000;
    io::io_context loop;
    Pinger pinger(loop.get_executor(), sockets());
    int silent = 0;
    for (int i = 0; i < all; ++i) {
        const std::vector<sockaddr_storage> to{address(fmt::format("127.1.{}.{}", i / 250, i % 250 + 1))};
        pinger.start(to, 2s, [&silent](const Result<void>& result) { silent += result ? 0 : 1; });
    }
    loop.run();
    EXPECT_EQ(silent, all);
}

TEST(PingSocketsTest, SayWhatIsMissing) {
    set_sysctl("ipv4/ping_group_range", "1 0");
    // A child, since what it gives up it cannot get back.
    EXPECT_EXIT(
        {
            if (setgid(65534) != 0 || setuid(65534) != 0)
                _exit(1);
            const auto opened = PingSockets::open();
            fmt::print(stderr, "{}\n", opened ? "opened" : opened.error().text());
            _exit(opened ? 1 : 0);
        },
        testing::ExitedWithCode(0),
        "cannot open a ping socket: Operation not permitted; pinging needs CAP_NET_RAW, or a group");
}
