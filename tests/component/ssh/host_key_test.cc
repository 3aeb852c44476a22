// Against the server half of libssh, and beside OpenSSH's ssh-keyscan.
#include "adapters/ssh/host_key.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "tests/support/ssh_host.h"

using mandos::UniqueFd;
using mandos::ssh::host_key;
using mandos::ssh::HostKey;

namespace {

constexpr auto patience = std::chrono::seconds(20); // never needed by a passing test

// A listening socket on loopback, and a child that does something with it.
class Host {
  public:
    explicit Host(const std::function<void(int listener)>& serve)
        : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(listener_.get(), generic, size), 0);
        EXPECT_EQ(listen(listener_.get(), 8), 0);
        EXPECT_EQ(getsockname(listener_.get(), generic, &size), 0);
        port_ = ntohs(address.sin_port);
        child_ = fork();
        if (child_ == 0) {
            serve(listener_.get());
            _exit(0);
        }
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() {
        (void)kill(child_, SIGKILL);
        (void)waitpid(child_, nullptr, 0);
    }

    std::uint16_t port() const { return port_; }

  private:
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    pid_t child_ = -1;
};

Host host_with(const std::vector<std::string>& types) {
    return Host([types](int listener) { mandos::support::serve_ssh(listener, types); });
}

// What ssh-keyscan says of the host's key of TYPE, without the host's name.
std::string keyscan(const Host& host, const std::string& type) {
    const std::string command =
        fmt::format("ssh-keyscan -p {} -t {} 127.0.0.1 2>/dev/null", host.port(), type);
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "re"), pclose);
    std::array<char, 4096> line{};
    const char* got = fgets(line.data(), line.size(), pipe.get());
    const std::string text = got == nullptr ? "" : got;
    return text.empty() ? text : text.substr(text.find(' ') + 1, text.size() - text.find(' ') - 2);
}

} // namespace

TEST(HostKey, IsNothingWhereNobodyListens) {
    std::uint16_t port = 0;
    {
        const Host gone([](int) {});
        port = gone.port();
    }
    EXPECT_FALSE(host_key("127.0.0.1", port, patience));
    EXPECT_FALSE(host_key("does-not-exist.invalid", port, patience));
}

TEST(HostKey, IsNothingOfAHostThatSaysNothing) {
    const Host silent([](int) { pause(); });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(host_key("127.0.0.1", silent.port(), std::chrono::seconds(1)));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10)); // three tries
}

TEST(HostKey, IsNothingOfWhatIsNoSshServer) {
    const Host web([](int listener) {
        for (;;) {
            const UniqueFd peer(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
            (void)!write(peer.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
        }
    });
    EXPECT_FALSE(host_key("127.0.0.1", web.port(), patience));
}

TEST(HostKey, IsNothingOfAKindThatIsNotLookedFor) {
    EXPECT_FALSE(host_key("127.0.0.1", host_with({"ecdsa-384"}).port(), patience));
}

TEST(HostKey, IsWhatSshKeyscanPrints) {
    const std::vector<std::pair<std::string, std::string>> kinds{
        {"ecdsa-256", "ecdsa-sha2-nistp256"}, {"ed25519", "ed25519"}, {"rsa", "rsa"}};
    for (const auto& [kind, scan_type] : kinds) {
        const Host host = host_with({kind});
        const std::optional<HostKey> key = host_key("127.0.0.1", host.port(), patience);
        ASSERT_TRUE(key) << kind;
        EXPECT_EQ(key->scan_type, scan_type);
        EXPECT_EQ(key->line, keyscan(host, scan_type));
        EXPECT_GT(key->line.size(), 60U);
    }
}

TEST(HostKey, IsTheFirstKindThatTheHostHas) {
    EXPECT_EQ(host_key("127.0.0.1", host_with({"rsa", "ed25519", "ecdsa-256"}).port(), patience)->scan_type,
              "ecdsa-sha2-nistp256");
    EXPECT_EQ(host_key("127.0.0.1", host_with({"rsa", "ed25519", "ecdsa-384"}).port(), patience)->scan_type,
              "ed25519");
}
