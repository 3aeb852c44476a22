// The name under which a server is announced: the instance name of DNS-SD (RFC 6763 §4.1.1).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mandos::core {

constexpr std::size_t longest_service_name = 63; // bytes: a DNS label (RFC 1035 §2.3.4)

// Invalid: empty, too long, not UTF-8, or with control characters; the text says which.
Result<void> check_service_name(std::string_view name);

// What to try when NAME, a good one, is taken: "Mandos" -> "Mandos #2" -> "Mandos #3", as Avahi counts. Long
// names lose whole characters at their end.
std::string next_service_name(std::string_view name);

} // namespace mandos::core
