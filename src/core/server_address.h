// Where a Mandos server is: a numeric address or a name, and a port. Parsed from "--connect" and "--server"
// by wire/server_address.h.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace mandos::core {

// The port of a server where none is named: "MAND" on a telephone's keys, see docs/decisions/008.
constexpr std::uint16_t default_port = 6263;

struct ServerAddress {
    std::string host;  // "192.0.2.1", "2001:db8::1", "fe80::1" or "mandos.example.org"; no brackets, no scope
    std::string scope; // "eth0" or "2" of "fe80::1%eth0"; empty: none
    std::uint16_t port = 0; // never 0

    // "[fe80::1%eth0]:4711", "192.0.2.1:4711", "mandos.example.org:4711".
    std::string text() const;
    auto operator<=>(const ServerAddress&) const = default;
};

} // namespace mandos::core
