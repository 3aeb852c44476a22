// Listening and accepting on the loopback interface.
#include "adapters/net/listen.h"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace {

using mandos::ErrorKind;
using mandos::Result;
using mandos::UniqueFd;
using namespace mandos::net; // NOLINT(google-build-using-namespace): it is what is tested

std::uint16_t port_of(const UniqueFd& listener) {
    return mandos::net::local_address(listener.get())->port;
}

UniqueFd connect_ipv4(std::uint16_t port) {
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
}

std::optional<Accepted> accept_within_a_second(const UniqueFd& listener) {
    pollfd waiting{.fd = listener.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&waiting, 1, 1000), 1);
    return *accept_next(listener.get());
}

} // namespace

TEST(Listen, SaysWhatIsWrongWithAnAddress) {
    const auto listener = listen_on({.address = "not.an.address.invalid", .family = Family::Ipv4});
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().kind(), ErrorKind::Invalid);
    EXPECT_TRUE(listener.error().text().starts_with(
        R"(address "not.an.address.invalid" cannot be used as an IPv4 address: )"))
        << listener.error().text();
}

TEST(Listen, ServesNobodyWhenItsInterfaceIsMissing) {
    const auto listener = listen_on({.interface = "mandos-none"});
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().text(), R"(there is no network interface "mandos-none"; see: ip link)");
}

TEST(Listen, SaysThatAPortIsTaken) {
    const auto first = listen_on({.family = Family::Ipv4});
    ASSERT_TRUE(first);
    const auto second = listen_on({.port = port_of(*first), .family = Family::Ipv4});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), EADDRINUSE);
    EXPECT_NE(second.error().text().find("perhaps by another mandos"), std::string::npos);
}

TEST(Listen, RefusesADescriptorThatIsNoTcpSocket) {
    EXPECT_FALSE(adopt_listening_socket(UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC))));
    EXPECT_FALSE(adopt_listening_socket(UniqueFd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))));
    EXPECT_FALSE(adopt_listening_socket(UniqueFd()));
}

TEST(Listen, TakesIpv4OnItsIpv6Socket) {
    auto listener = listen_on({});
    if (!listener && listener.error().kind() == ErrorKind::Unsupported)
        GTEST_SKIP() << listener.error().text();
    ASSERT_TRUE(listener) << listener.error().text();
    const UniqueFd client = connect_ipv4(port_of(*listener));
    const auto accepted = accept_within_a_second(*listener);
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->peer.host(), "127.0.0.1");
}

TEST(Listen, TakesAPlainIpv4AddressWithIpv6On) {
    const auto listener = listen_on({.address = "127.0.0.1"});
    ASSERT_TRUE(listener) << listener.error().text();
    EXPECT_EQ(local_address(listener->get())->host(), "127.0.0.1");
}

TEST(Listen, AcceptsThroughASocketThatWasHandedOver) {
    UniqueFd bound(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(bound.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const auto listener = adopt_listening_socket(std::move(bound));
    ASSERT_TRUE(listener) << listener.error().text();
    EXPECT_FALSE(*accept_next(listener->get())); // nobody yet, and it does not block
    const UniqueFd client = connect_ipv4(port_of(*listener));
    const auto accepted = accept_within_a_second(*listener);
    ASSERT_TRUE(accepted);
    EXPECT_EQ(fcntl(accepted->socket.get(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    EXPECT_EQ(fcntl(accepted->socket.get(), F_GETFD), FD_CLOEXEC);
}
