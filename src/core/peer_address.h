// PeerAddress: who is at the other end of a TCP connection, as log lines, D-Bus and the limits on sources
// want it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mandos::core {

struct PeerAddress {
    std::array<std::byte, 16>
        ip{};          // network order; an IPv4 address is mapped: ::ffff:a.b.c.d (RFC 4291 §2.5.5.2)
    std::string scope; // the interface of a link-local address, else empty
    std::uint16_t port = 0;

    bool is_ipv4() const;
    // ::1 or 127.0.0.0/8.
    bool is_loopback() const;
    // "192.0.2.1", "2001:db8::1", "fe80::1%eth0".
    std::string host() const;
    // "192.0.2.1:4711", "[fe80::1%eth0]:4711".
    std::string text() const;
};

} // namespace mandos::core
