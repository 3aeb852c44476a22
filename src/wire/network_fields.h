// The parts of which the network parameters of the kernel's command line are made; see wire/kernel_network.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/ip_address.h"
#include "core/network_settings.h"

namespace mandos::wire {

using Fields = std::vector<std::string_view>;

// TEXT at its colons, without those in brackets; at least one field.
Fields split_fields(std::string_view text);
// Empty where there is no such field.
std::string_view field(const Fields& fields, std::size_t number);

// "192.0.2.5" or "[2001:db8::5]". Invalid: it is none; WHAT says what it should have been.
Result<core::IpAddress> parse_bracketed_address(std::string_view text, std::string_view what);
// Whether it can only be meant as such.
bool looks_like_address(std::string_view text);

// An address with "/BITS" behind it, or in its brackets; where it has none, MASK has them or is a mask like
// "255.255.255.0"; where that is empty, it is that of the address's class, or /64.
Result<core::Subnet> parse_subnet(std::string_view text, std::string_view mask, std::string_view what);

// The name of a network interface.
Result<std::string> parse_device(std::string_view text);

} // namespace mandos::wire
