#include "adapters/net/listen.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/handle.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"

namespace mandos::net {

namespace {

using AddressList = Handle<addrinfo, freeaddrinfo>;

Result<AddressList> resolve_own_address(const ListenSettings& settings) {
    addrinfo hints{};
    const bool ipv6 = settings.family == Family::Ipv6;
    hints.ai_family = ipv6 ? AF_INET6 : AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | (ipv6 ? AI_V4MAPPED : 0);
    addrinfo* found = nullptr;
    const std::string port = fmt::format("{}", settings.port);
    const int code = getaddrinfo(settings.address.empty() ? nullptr : settings.address.c_str(), port.c_str(),
                                 &hints, &found);
    if (code != 0)
        return fail(ErrorKind::Invalid, "address {} cannot be used as an {} address: {}",
                    quoted(settings.address), ipv6 ? "IPv6" : "IPv4", gai_strerror(code));
    return AddressList(found);
}

Result<void> set_option(int socket, int level, int option, int value, const char* name) {
    if (setsockopt(socket, level, option, &value, sizeof value) != 0)
        return fail_errno(errno, "cannot set {} to {}", name, value);
    return {};
}

Result<void> bind_to_interface(int socket, const std::string& interface) {
    // Serving everybody because one interface is missing would be less safe than not serving: no going on
    // here.
    if (if_nametoindex(interface.c_str()) == 0)
        return fail(ErrorKind::NotFound, "there is no network interface {}; see: ip link", quoted(interface));
    if (setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, interface.data(),
                   static_cast<socklen_t>(interface.size()))
        != 0)
        return fail_errno(errno, "cannot listen on interface {} only", quoted(interface));
    return {};
}

core::PeerAddress to_peer_address(const sockaddr_storage& from) {
    core::PeerAddress peer;
    if (from.ss_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, &from, sizeof address);
        const auto bytes = std::as_bytes(std::span(&address.sin_addr, 1));
        peer.ip[10] = peer.ip[11] = std::byte{0xFF};
        std::ranges::copy(bytes, peer.ip.end() - static_cast<std::ptrdiff_t>(bytes.size()));
        peer.port = ntohs(address.sin_port);
        return peer;
    }
    sockaddr_in6 address{};
    std::memcpy(&address, &from, sizeof address);
    std::ranges::copy(std::as_bytes(std::span(&address.sin6_addr, 1)), peer.ip.begin());
    peer.port = ntohs(address.sin6_port);
    if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) {
        std::array<char, IF_NAMESIZE> name{};
        peer.scope = if_indextoname(address.sin6_scope_id, name.data()) != nullptr
                         ? std::string(name.data())
                         : fmt::format("{}", address.sin6_scope_id);
    }
    return peer;
}

Result<void> start_listening(int socket) {
    if (::listen(socket, SOMAXCONN) != 0)
        return fail_errno(errno, "cannot listen");
    return {};
}

std::string place(const ListenSettings& settings) {
    return settings.address.empty()
               ? fmt::format("port {}", settings.port)
               : fmt::format("port {} of address {}", settings.port, quoted(settings.address));
}

} // namespace

Result<UniqueFd> listen_on(const ListenSettings& settings) {
    const AddressList address = MANDOS_TRY(resolve_own_address(settings));
    UniqueFd fd(socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd && errno == EAFNOSUPPORT && settings.family == Family::Ipv6)
        return fail(ErrorKind::Unsupported, "this system has no IPv6; use --no-ipv6 (use_ipv6 = no)");
    if (!fd)
        return fail_errno(errno, "cannot make a socket");
    if (settings.family == Family::Ipv6)
        MANDOS_TRY(set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY"));
    if (!settings.interface.empty())
        MANDOS_TRY(bind_to_interface(fd.get(), settings.interface));
    // So that a restart need not wait for the last connections to time out; two servers still cannot share a
    // port.
    if (settings.port != 0)
        MANDOS_TRY(set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"));
    if (bind(fd.get(), address->ai_addr, address->ai_addrlen) != 0) {
        if (errno == EADDRINUSE)
            return fail_errno(errno, "{} is taken, perhaps by another mandos (see: ss -ltnp sport = {})",
                              place(settings), settings.port);
        return fail_errno(errno, "cannot listen on {}", place(settings));
    }
    MANDOS_TRY_IN(place(settings), start_listening(fd.get()));
    return fd;
}

Result<UniqueFd> adopt_listening_socket(UniqueFd fd) {
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &length) != 0)
        return fail_errno(errno, "descriptor {} cannot be used", fd.get());
    if (type != SOCK_STREAM)
        return fail(ErrorKind::Invalid, "descriptor {} is a socket, but not a TCP one", fd.get());
    int listening = 0;
    length = sizeof listening;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0)
        return fail_errno(errno, "descriptor {} cannot be used", fd.get());
    if (listening == 0)
        MANDOS_TRY(start_listening(fd.get()));
    const int flags = fcntl(fd.get(), F_GETFL);
    if (flags < 0 || fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0
        || fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(errno, "descriptor {} cannot be used", fd.get());
    return fd;
}

Result<core::PeerAddress> local_address(int socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        return fail_errno(errno, "the socket has no address");
    if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
        return fail(ErrorKind::Invalid, "the socket is of address family {}, expected IPv6 or IPv4",
                    address.ss_family);
    return to_peer_address(address);
}

Result<std::string> bound_interface(int socket) {
    std::array<char, IF_NAMESIZE> name{};
    socklen_t length = name.size();
    if (getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name.data(), &length) != 0)
        return fail_errno(errno, "cannot ask for the interface of the listening socket");
    return std::string(name.data(), strnlen(name.data(), length));
}

Result<std::optional<Accepted>> accept_next(int listener) {
    for (;;) {
        sockaddr_storage from{};
        socklen_t length = sizeof from;
        UniqueFd fd(
            accept4(listener, reinterpret_cast<sockaddr*>(&from), &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (fd) {
            // The last flight and the secret are small: waiting to join them would only cost time.
            MANDOS_TRY(set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"));
            return Accepted{.socket = std::move(fd), .peer = to_peer_address(from)};
        }
        switch (errno) {
        case EAGAIN:
            return std::nullopt;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            return std::unexpected(Error(ErrorKind::Exhausted, "cannot accept: " + errno_text(errno)));
        case EBADF:
        case EINVAL:
        case ENOTSOCK:
        case EOPNOTSUPP:
            return fail_errno(errno, "cannot accept");
        default: // that connection has ended already, or met an error of its own: accept(2), "Error handling"
            break;
        }
    }
}

void drop_unsent_on_close(int socket) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof at_once); // else the kernel ends it later
}

} // namespace mandos::net
