// Clients as JSON for other programs: an object with the names as keys, laid out as 1.8 does it.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "programs/mandos-ctl/client.h"

namespace mandos::ctl {

// All fields of each client, under the names that D-Bus has for them; times are milliseconds. ASCII only,
// ends in a newline. Invalid: a client lacks a property.
Result<std::string> write_json(std::span<const Client> clients);

} // namespace mandos::ctl
