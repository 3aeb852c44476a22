#include "adapters/net/connect.h"

#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/server_address.h"
#include "loop/asio.h"

using mandos::ErrorKind;
using mandos::Result;
using mandos::UniqueFd;
using mandos::core::ServerAddress;
using mandos::loop::Watch;
using mandos::net::Endpoint;
using mandos::net::numeric_endpoint;
namespace io = mandos::io;

namespace {

template <class T>
T run(io::awaitable<T> work) {
    io::io_context loop;
    std::optional<T> result;
    io::co_spawn(loop, std::move(work),
                 [&result](const std::exception_ptr&, T got) { result.emplace(std::move(got)); });
    loop.run();
    T got = *std::move(result);
    return got;
}

Watch::Deadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

ServerAddress server(std::string host, std::uint16_t port, std::string scope = "") {
    return {.host = std::move(host), .scope = std::move(scope), .port = port};
}

Endpoint endpoint(const std::string& host, std::uint16_t port) {
    return **numeric_endpoint(server(host, port), "");
}

struct Listening {
    UniqueFd socket;
    std::uint16_t port = 0;
};

// On 127.0.0.1, with room for BACKLOG connections that nobody accepts.
Listening listen_here(int backlog) {
    Listening listening{.socket = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listening.socket.get(), generic, length), 0);
    EXPECT_EQ(listen(listening.socket.get(), backlog), 0);
    EXPECT_EQ(getsockname(listening.socket.get(), generic, &length), 0);
    listening.port = ntohs(address.sin_port);
    return listening;
}

// The coroutine's Watch must not outlive its loop: only what was found out leaves it.
io::awaitable<Result<bool>> connects(Endpoint to, Watch::Deadline deadline) {
    const auto connected = co_await mandos::net::connect_to(to, deadline);
    if (!connected)
        co_return std::unexpected(connected.error());
    const int fd = connected->descriptor();
    const bool safe = (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
    co_return safe;
}

} // namespace

TEST(NumericEndpoint, NeedsTheInterfaceOfALinkLocalAddress) {
    EXPECT_EQ(numeric_endpoint(server("fe80::1", 1), "").error().kind(), ErrorKind::Invalid);
    EXPECT_EQ(numeric_endpoint(server("fe80::1", 1), "nosuch0").error().text(),
              "there is no network interface \"nosuch0\"");
    EXPECT_EQ(numeric_endpoint(server("fe80::1", 1, "nosuch0"), "lo").error().kind(), ErrorKind::NotFound);
}

TEST(NumericEndpoint, TakesTheScopeFromTheAddressBeforeTheOneGiven) {
    EXPECT_EQ((*numeric_endpoint(server("fe80::1", 4711), "lo"))->text(), "[fe80::1%lo]:4711");
    EXPECT_EQ((*numeric_endpoint(server("fe80::1", 4711, "lo"), "nosuch0"))->text(), "[fe80::1%lo]:4711");
    EXPECT_EQ((*numeric_endpoint(server("fe80::1", 4711, "1"), ""))->text(), "[fe80::1%lo]:4711");
    EXPECT_EQ((*numeric_endpoint(server("2001:db8::1", 4711), "lo"))->text(), "[2001:db8::1]:4711");
    EXPECT_EQ((*numeric_endpoint(server("192.0.2.1", 4711), "lo"))->text(), "192.0.2.1:4711");
}

TEST(NumericEndpoint, IsNothingForAName) {
    EXPECT_EQ(*numeric_endpoint(server("localhost", 1), ""), std::nullopt);
}

TEST(LookUp, SaysThatThereIsNoSuchName) {
    const auto found = run(mandos::net::look_up(server("does-not-exist.invalid", 1), "", soon()));
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().text(),
                testing::StartsWith("looking up \"does-not-exist.invalid\": no address found: "));
}

TEST(LookUp, EndsAtItsDeadline) {
    const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    const auto found = run(mandos::net::look_up(server("localhost", 1), "", past));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), ErrorKind::TimedOut);
}

TEST(LookUp, FindsTheAddressesOfAName) {
    const auto found = run(mandos::net::look_up(server("localhost", 4711), "", soon()));
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_THAT(*found, testing::Contains(endpoint("127.0.0.1", 4711)));
}

TEST(Connect, SaysThatItIsRefused) {
    std::uint16_t port = 0;
    {
        const Listening closed = listen_here(1);
        port = closed.port;
    }
    const auto connected = run(connects(endpoint("127.0.0.1", port), soon()));
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().text(), "cannot connect: Connection refused");
}

TEST(Connect, EndsAtItsDeadline) {
    // A full queue of connections: the kernel drops what comes behind it.
    const Listening listening = listen_here(0);
    const Endpoint to = endpoint("127.0.0.1", listening.port);
    std::vector<UniqueFd> filling;
    for (int i = 0; i < 4; ++i) {
        filling.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)connect(filling.back().get(), reinterpret_cast<const sockaddr*>(&to.address), to.length);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    const auto connected = run(connects(to, deadline));
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().kind(), ErrorKind::TimedOut);
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

TEST(Connect, GivesASocketThatIsNotInheritedAndDoesNotBlock) {
    const Listening listening = listen_here(1);
    const auto connected = run(connects(endpoint("127.0.0.1", listening.port), soon()));
    ASSERT_TRUE(connected) << connected.error().text();
    EXPECT_TRUE(*connected);
}
