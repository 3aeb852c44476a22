// The listening socket of the server, and the connections that come in on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"

namespace mandos::net {

enum class Family {
    Ipv6, // and IPv4 on the same socket, whatever net.ipv6.bindv6only says
    Ipv4,
};

struct ListenSettings {
    std::string address;    // empty: all addresses
    std::uint16_t port = 0; // 0: one that the kernel chooses
    std::string interface;  // empty: all; else only what comes in there (socket(7), SO_BINDTODEVICE)
    Family family = Family::Ipv6;
};

// A non-blocking listening socket. Errors name address, port or interface, and what to do about them.
Result<UniqueFd> listen_on(const ListenSettings& settings);

// Makes a socket that was handed over (--socket) ready: it must be a TCP socket; listens if it does not yet.
Result<UniqueFd> adopt_listening_socket(UniqueFd fd);

// The address and port that SOCKET listens on.
Result<core::PeerAddress> local_address(int socket);

// The interface that SOCKET is bound to (socket(7), SO_BINDTODEVICE); empty: to none.
Result<std::string> bound_interface(int socket);

struct Accepted {
    UniqueFd socket; // non-blocking, sends without delay
    core::PeerAddress peer;
};

// The next connection that waits on LISTENER; nothing where none does. Exhausted: no descriptor or memory is
// left.
Result<std::optional<Accepted>> accept_next(int listener);

// When SOCKET is closed, its connection is gone at once (RST), with all that the peer has not taken. Without
// this the kernel keeps such bytes, and tries to deliver them, for minutes.
void drop_unsent_on_close(int socket);

} // namespace mandos::net
