// IpAddress: an IPv6 or IPv4 address as a value, without scope or port.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <string>

namespace mandos::core {

struct IpAddress {
    // Network order; an IPv4 address is mapped: ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
    std::array<std::byte, 16> bytes{};

    static IpAddress from_v4(const std::array<std::byte, 4>& bytes);

    bool is_ipv4() const;
    bool is_ipv6_link_local() const; // fe80::/10: means something together with a link only
    // An address that one host has for others: not unspecified, loopback, multicast, reserved or mapped.
    bool is_reachable_host() const;
    // "192.0.2.1", "2001:db8::1", "fe80::1".
    std::string text() const;

    auto operator<=>(const IpAddress&) const = default;
};

} // namespace mandos::core
