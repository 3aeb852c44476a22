// Against OpenSSH's sshd, in a network namespace of its own.
#include "adapters/ssh/check.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <future>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"
#include "tests/support/own_network.h"
#include "tests/support/sshd.h"

using mandos::ErrorKind;
using mandos::Result;
using mandos::UniqueFd;
using mandos::ssh::ssh_check;
using mandos::support::Sshd;

namespace {

constexpr auto patience = std::chrono::seconds(30); // never needed by a passing test

class OwnNetwork : public testing::Environment {
  public:
    void SetUp() override { mandos::support::enter_own_network(); }
};
const auto* const own_network = testing::AddGlobalTestEnvironment(new OwnNetwork);

UniqueFd connection_to_sshd() {
    constexpr std::uint16_t ssh_port = 22;
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(ssh_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
}

// Two connected sockets; the second is the host.
std::pair<UniqueFd, UniqueFd> connection_to_nobody() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

} // namespace

TEST(SshCheck, RefusesAnotherKeyOfTheSameType) {
    const Sshd sshd({"ed25519"});
    const std::string other =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";
    const Result<void> shown = ssh_check(connection_to_sshd(), {.type = "ed25519", .line = other}, patience);
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().kind(), ErrorKind::Denied);
    EXPECT_EQ(shown.error().text(), "its SSH host key is another one: \"" + sshd.key_line("ed25519") + "\"");
}

TEST(SshCheck, RefusesAKeyOfAnotherType) {
    const Sshd sshd({"rsa"});
    EXPECT_FALSE(
        ssh_check(connection_to_sshd(), {.type = "ed25519", .line = sshd.key_line("rsa")}, patience));
}

TEST(SshCheck, RefusesAnUnknownType) {
    auto [ours, theirs] = connection_to_nobody();
    EXPECT_EQ(ssh_check(std::move(ours), {.type = "dsa", .line = "ssh-dss AAAA"}, patience).error().text(),
              "\"dsa\" is no type of SSH host keys that is known here");
}

TEST(SshCheck, EndsWhenAHostSaysNothing) {
    auto [ours, theirs] = connection_to_nobody();
    const auto begin = std::chrono::steady_clock::now();
    const Result<void> shown =
        ssh_check(std::move(ours), {.type = "ed25519", .line = "ssh-ed25519 AAAA"}, std::chrono::seconds(1));
    EXPECT_FALSE(shown);
    EXPECT_EQ(shown.error().kind(), ErrorKind::System);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(SshCheck, EndsWhenAHostIsNoSshServerOrGoes) {
    auto [ours, theirs] = connection_to_nobody();
    ASSERT_EQ(write(theirs.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28), 28);
    theirs.reset();
    EXPECT_FALSE(ssh_check(std::move(ours), {.type = "ed25519", .line = "ssh-ed25519 AAAA"}, patience));
}

TEST(SshCheck, IsContentWithTheRightKey) {
    const Sshd sshd({"rsa", "ecdsa", "ed25519"});
    for (const auto& [type, file] : {std::pair("ed25519", "ed25519"),
                                     std::pair("ecdsa-sha2-nistp256", "ecdsa"), std::pair("rsa", "rsa")}) {
        const Result<void> shown =
            ssh_check(connection_to_sshd(), {.type = type, .line = sshd.key_line(file)}, patience);
        EXPECT_TRUE(shown) << type << ": " << (shown ? "" : shown.error().text());
    }
}

TEST(SshCheck, RunsOnSeveralThreadsAndKeepsNoDescriptor) {
    const Sshd sshd({"ed25519"});
    const mandos::ssh::ExpectedKey right{.type = "ed25519", .line = sshd.key_line("ed25519")};
    ASSERT_TRUE(ssh_check(connection_to_sshd(), right, patience)); // what libssh opens once is open
    const auto before = open_descriptors();
    std::vector<std::future<bool>> checks;
    for (int i = 0; i < 8; ++i)
        checks.push_back(std::async(std::launch::async, [&right] {
            return ssh_check(connection_to_sshd(), right, patience).has_value();
        }));
    for (auto& check : checks)
        EXPECT_TRUE(check.get());
    EXPECT_EQ(open_descriptors(), before);
}
