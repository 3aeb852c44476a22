// "ADDRESS:PORT" as --connect takes it, and as people write it: "192.0.2.1:4711", "[2001:db8::1]:4711",
// "2001:db8::1:4711" (the last colon splits, as in Mandos 1.8), "fe80::1%eth0:4711",
// "mandos.example.org:4711".
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "core/server_address.h"

namespace mandos::wire {

// Invalid: which part is wrong and what was expected. What looks like a number is never taken for a name.
Result<core::ServerAddress> parse_server_address(std::string_view text);

// "ADDRESS[:PORT]" as --server takes it; without a port it is PORT. Other than above, what is an IPv6 address
// as it stands is one, without a port: "2001:db8::1:4711" is not split, "[2001:db8::1]:4711" is.
Result<core::ServerAddress> parse_server_address(std::string_view text, std::uint16_t port);

// Whether ADDRESS is an IPv6 link-local address (RFC 4291 §2.5.6) that does not say on which link.
bool needs_scope(const core::ServerAddress& address);

// The name of a network interface, or its number: 1 to 15 characters, no "/", brackets or white space, not
// "." or
// "..".
bool is_interface_name(std::string_view name);

} // namespace mandos::wire
