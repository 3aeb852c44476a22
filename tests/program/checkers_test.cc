// The server's Checkers with all that they stand on: real shells, ICMP and sshd, in a network namespace of
// its own.
#include "programs/mandos/checkers.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/checker/ping_sockets.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "programs/mandos/check_outcome.h"
#include "tests/support/own_network.h"
#include "tests/support/sshd.h"

using mandos::UniqueFd;
using mandos::checker::PingSockets;
using mandos::server::Checkers;
using mandos::server::CheckersOptions;
using mandos::server::CheckOutcome;
using mandos::server::CheckRequest;
using mandos::support::set_sysctl;
using mandos::support::Sshd;
using testing::HasSubstr;
namespace io = mandos::io;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 60s; // never needed by a passing test
const std::string default_checker = "fping -q -- %(host)s";

class OwnNetwork : public testing::Environment {
  public:
    void SetUp() override { mandos::support::enter_own_network(); }
};
const auto* const own_network = testing::AddGlobalTestEnvironment(new OwnNetwork);

CheckersOptions with_ping() {
    auto sockets = PingSockets::open();
    EXPECT_TRUE(sockets);
    return {.ping_sockets = *std::move(sockets)};
}

CheckRequest request(std::string command, std::string host = "127.0.0.1",
                     std::chrono::milliseconds limit = patience) {
    return {.command = std::move(command),
            .host = host,
            .attribute = [host](std::string_view name) -> std::optional<std::string> {
                if (name == "host")
                    return host;
                return name == "name" ? std::optional<std::string>("it's db1") : std::nullopt;
            },
            .time_limit = limit};
}

std::string ssh_checker(std::string_view line) {
    return fmt::format(
        "ssh-keyscan -t ed25519 %(host)s 2>/dev/null | grep --fixed-strings --line-regexp --quiet "
        "--regexp=%(host)s\" {}\"",
        line);
}

class CheckersTest : public testing::Test {
  protected:
    ~CheckersTest() override {
        EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
        EXPECT_EQ(errno, ECHILD);
        set_sysctl("ipv4/icmp_echo_ignore_all", "0");
    }

    static CheckOutcome run(CheckRequest request, CheckersOptions options = with_ping()) {
        io::io_context loop;
        Checkers checkers(loop.get_executor(), std::move(options));
        std::optional<CheckOutcome> outcome;
        const auto command =
            checkers.start(7, std::move(request), [&](CheckOutcome ended) { outcome = std::move(ended); });
        EXPECT_TRUE(command) << (command ? "" : command.error().text());
        EXPECT_TRUE(checkers.running(7));
        EXPECT_FALSE(outcome);
        loop.run(); // ends by itself
        EXPECT_FALSE(checkers.running(7));
        EXPECT_EQ(outcome->command, *command);
        return *std::move(outcome);
    }
};

// With sshd, whose process is a child as well.
class SshCheckers : public CheckersTest {};

} // namespace

TEST_F(CheckersTest, RefuseACommandThatCannotBeExpanded) {
    io::io_context loop;
    Checkers checkers(loop.get_executor(), with_ping());
    const auto started = checkers.start(1, request("echo %(hots)s"), [](const CheckOutcome&) { FAIL(); });
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().text(), HasSubstr("%(hots)s"));
    EXPECT_FALSE(checkers.running(1));
    loop.run();
}

TEST_F(CheckersTest, TellThatAHostDoesNotAnswer) {
    set_sysctl("ipv4/icmp_echo_ignore_all", "1");
    const CheckOutcome outcome = run(request(default_checker, "127.0.0.9", 300ms));
    EXPECT_FALSE(outcome.succeeded());
    EXPECT_EQ(outcome.exit_code(), 1);
    EXPECT_EQ(outcome.wait_status, 256);
    EXPECT_THAT(outcome.reason, testing::StartsWith("no answer from 127.0.0.9 within 0."));
    EXPECT_EQ(outcome.command, "fping -q -- 127.0.0.9");
}

TEST_F(CheckersTest, TellThatAHostHasNoAddress) {
    CheckOutcome outcome = run(request(default_checker, "no such host.invalid"));
    EXPECT_EQ(outcome.exit_code(), 2);
    EXPECT_THAT(outcome.reason, HasSubstr("looking up \"no such host.invalid\": no address found"));
    EXPECT_EQ(outcome.command, "fping -q -- 'no such host.invalid'");
    outcome = run(request(default_checker, ""));
    EXPECT_EQ(outcome.exit_code(), 2);
    EXPECT_THAT(outcome.reason, HasSubstr("the client has no host to check"));
    EXPECT_EQ(outcome.command, "fping -q -- ''");
    EXPECT_EQ(run(request(default_checker, "fe80::1")).exit_code(), 2); // which link?
}

TEST_F(CheckersTest, PingWithoutAProcess) {
    for (const char* host : {"127.0.0.1", "::1", "localhost"}) {
        const CheckOutcome outcome = run(request(default_checker, host));
        EXPECT_TRUE(outcome.succeeded()) << outcome.reason;
        EXPECT_EQ(outcome.exit_code(), 0);
        EXPECT_EQ(outcome.signal(), std::nullopt);
        EXPECT_EQ(outcome.reason, "");
    }
}

TEST_F(CheckersTest, LeaveThePingToAShellWithoutSockets) {
    EXPECT_TRUE(run(request(default_checker, "127.0.0.1"), {}).succeeded());
    set_sysctl("ipv4/icmp_echo_ignore_all", "1");
    const CheckOutcome outcome = run(request(default_checker, "127.0.0.1"), {});
    EXPECT_EQ(outcome.exit_code(), 1);
    EXPECT_EQ(outcome.reason, "the checker ended with exit code 1");
}

TEST_F(CheckersTest, RunAnyOtherCommandInAShell) {
    CheckOutcome outcome = run(request("test %(name)s = \"it's db1\" && exit 5"));
    EXPECT_EQ(outcome.exit_code(), 5);
    EXPECT_EQ(outcome.command, "test 'it'\"'\"'s db1' = \"it's db1\" && exit 5");
    EXPECT_EQ(outcome.reason, "the checker ended with exit code 5");
    outcome = run(request("kill -9 $$"));
    EXPECT_EQ(outcome.exit_code(), std::nullopt);
    EXPECT_EQ(outcome.signal(), SIGKILL);
    EXPECT_EQ(outcome.wait_status, SIGKILL);
    EXPECT_EQ(outcome.reason, "the checker was ended by signal 9");
    EXPECT_TRUE(run(request(": 100%%")).succeeded());
}

TEST_F(CheckersTest, NeverTakeACheckForGoodThatWasOutOfTime) {
    const CheckOutcome outcome =
        run(request("trap 'exit 0' TERM; while :; do sleep 0.1; done", "127.0.0.1", 200ms));
    EXPECT_FALSE(outcome.succeeded());
    EXPECT_EQ(outcome.reason, "the checker did not end within 0.2 s");
}

TEST_F(CheckersTest, CallNobodyAfterAStop) {
    set_sysctl("ipv4/icmp_echo_ignore_all", "1");
    io::io_context loop;
    Checkers checkers(loop.get_executor(), with_ping());
    const auto never = [](const CheckOutcome&) { FAIL() << "it was stopped"; };
    std::uint32_t client = 0;
    for (const std::string& command :
         {default_checker, std::string("sleep 1000"), ssh_checker("ssh-ed25519 AAAA")})
        for (const char* host : {"127.0.0.1", "localhost"})
            EXPECT_TRUE(checkers.start(++client, request(command, host), never));
    io::steady_timer timer(loop, 50ms); // so that some are under way; it does not matter which
    timer.async_wait([&](const std::error_code&) { checkers.stop_all(); });
    checkers.stop(2);
    EXPECT_FALSE(checkers.running(2));
    checkers.stop(99); // nobody
    // The SSH checks may have been refused by then, as nobody listens.
    checkers.stop(5);
    checkers.stop(6);
    const auto begin = std::chrono::steady_clock::now();
    loop.run();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
}

TEST_F(CheckersTest, StopTheFormerCheckOfAClientForANewOne) {
    io::io_context loop;
    Checkers checkers(loop.get_executor(), with_ping());
    EXPECT_TRUE(checkers.start(1, request("sleep 1000"), [](const CheckOutcome&) { FAIL(); }));
    std::optional<int> code;
    EXPECT_TRUE(checkers.start(1, request("exit 3"),
                               [&code](const CheckOutcome& ended) { code = ended.exit_code(); }));
    loop.run();
    EXPECT_EQ(code, 3);
}

TEST_F(CheckersTest, GoOnFromAHandler) {
    io::io_context loop;
    Checkers checkers(loop.get_executor(), with_ping());
    int left = 20;
    std::function<void()> again = [&] {
        EXPECT_TRUE(
            checkers.start(1, request(left % 2 == 0 ? default_checker : "true"), [&](const CheckOutcome& e) {
                EXPECT_TRUE(e.succeeded()) << e.reason;
                if (--left > 0)
                    again();
            }));
    };
    again();
    loop.run();
    EXPECT_EQ(left, 0);
}

TEST_F(CheckersTest, RunOnAStrandOfSeveralThreads) {
    constexpr int all = 2000;
    io::io_context loop;
    const io::any_io_executor strand = io::make_strand(loop);
    std::optional<Checkers> checkers;
    checkers.emplace(strand, with_ping());
    int good = 0; // on the strand
    io::post(strand, [&] {
        for (std::uint32_t client = 0; client < all; ++client) {
            const std::string host = fmt::format("127.2.{}.{}", client / 250, client % 250 + 1);
            EXPECT_TRUE(
                checkers->start(client, request(client % 10 == 0 ? "exit 0" : default_checker, host),
                                [&good](const CheckOutcome& ended) { good += ended.succeeded() ? 1 : 0; }));
        }
    });
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&loop] { loop.run(); });
    }
    EXPECT_EQ(good, all);
}

TEST_F(SshCheckers, WantTheRightHostKey) {
    const std::string other =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";
    const Sshd sshd({"ed25519"});
    CheckOutcome outcome = run(request(ssh_checker(other)));
    EXPECT_EQ(outcome.exit_code(), 1);
    EXPECT_THAT(outcome.reason, HasSubstr("\"127.0.0.1\": its SSH host key is another one"));
    for (const char* host : {"127.0.0.1", "localhost"}) { // which has an address where nobody listens, too
        outcome = run(request(ssh_checker(sshd.key_line("ed25519")), host));
        EXPECT_TRUE(outcome.succeeded()) << outcome.reason;
    }
    // What a shell would have found is the same.
    EXPECT_TRUE(run(request(ssh_checker(sshd.key_line("ed25519")) + " ")).succeeded());
    EXPECT_EQ(run(request(ssh_checker(other) + " ")).exit_code(), 1);
}

TEST_F(SshCheckers, TellThatNobodyListens) {
    const CheckOutcome outcome = run(request(ssh_checker("ssh-ed25519 AAAA")));
    EXPECT_EQ(outcome.exit_code(), 1);
    EXPECT_EQ(outcome.reason, "127.0.0.1:22: cannot connect: Connection refused");
}

TEST_F(SshCheckers, AreNotHeldUpByHostsThatSayNothing) {
    UniqueFd silent(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1; // sshd was here before
    ASSERT_EQ(setsockopt(silent.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(22);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(silent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(silent.get(), 64), 0);
    const auto begin = std::chrono::steady_clock::now();
    const CheckOutcome outcome = run(request(ssh_checker("ssh-ed25519 AAAA"), "127.0.0.1", 500ms));
    EXPECT_EQ(outcome.exit_code(), 1);
    EXPECT_THAT(outcome.reason, HasSubstr("it took too long"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}
