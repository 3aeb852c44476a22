#include "adapters/checker/ping_sockets.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <expected>
#include <utility>

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <fmt/core.h>
#include <linux/icmp.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::checker {

namespace {

// Room for the replies of thousands of hosts that answer at the same moment.
void enlarge_buffers(int fd) {
    const int bytes = 4 << 20;
    // The first needs CAP_NET_ADMIN and has no limit; without either of them replies may get lost, and the
    // requests are sent again.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// Takes its number from the kernel, which puts it into each request and gives us the replies with it alone.
Result<std::uint16_t> bind_identifier(int fd, int family) {
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0)
        return fail_errno(errno, "cannot bind a ping socket");
    // The port is at the same place in both.
    sockaddr_in with_port{};
    std::memcpy(&with_port, &address, sizeof with_port);
    return ntohs(with_port.sin_port);
}

// Everything but echo replies is filtered out by the kernel.
Result<void> filter(int fd, int family) {
    if (family == AF_INET) {
        icmp_filter filter{};
        filter.data = ~(1U << ICMP_ECHOREPLY);
        if (setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter) != 0)
            return fail_errno(errno, "cannot set a filter on a raw socket");
        return {};
    }
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter) != 0)
        return fail_errno(errno, "cannot set a filter on a raw socket");
    return {};
}

Result<PingSocket> open_one(int family) {
    const int protocol = family == AF_INET ? static_cast<int>(IPPROTO_ICMP) : IPPROTO_ICMPV6;
    PingSocket result;
    result.fd.reset(socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    if (result.fd) {
        result.identifier = MANDOS_TRY(bind_identifier(result.fd.get(), family));
    } else {
        result.kind = PingSocket::Kind::Raw;
        result.fd.reset(socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
        if (!result.fd)
            return fail_errno(errno, "cannot open a ping socket");
        MANDOS_TRY(filter(result.fd.get(), family));
        if (getrandom(&result.identifier, sizeof result.identifier, 0)
            != static_cast<ssize_t>(sizeof result.identifier))
            return fail_errno(errno, "cannot choose an identifier");
    }
    enlarge_buffers(result.fd.get());
    return result;
}

PingSocket opened_or_missing(Result<PingSocket>& opened) {
    if (opened)
        return *std::move(opened);
    PingSocket missing;
    missing.missing = opened.error().text();
    return missing;
}

} // namespace

Result<PingSockets> PingSockets::open() {
    auto v4 = open_one(AF_INET);
    auto v6 = open_one(AF_INET6);
    if (!v4 && !v6)
        return std::unexpected(
            Error(v4.error().kind(),
                  fmt::format("{}; pinging needs CAP_NET_RAW, or a group of this process in the sysctl "
                              "net.ipv4.ping_group_range",
                              v4.error().text())));
    return PingSockets{.v4 = opened_or_missing(v4), .v6 = opened_or_missing(v6)};
}

} // namespace mandos::checker
