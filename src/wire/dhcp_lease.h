// What a DHCP client of an initramfs has written about its lease: klibc's ipconfig into /run/net-DEVICE.conf,
// as shell variables, a line each (IPV4ADDR='192.0.2.50'). It is read as data: what a DHCP server says, host
// names among it, is never run.
#pragma once

#include <string_view>

#include "base/error.h"
#include "core/addressing.h"

namespace mandos::wire {

// Of each variable the first counts. Invalid: no IPV4ADDR or IPV4NETMASK, or one that is none. A gateway that
// is none, or 0.0.0.0, is left out.
Result<core::Lease> parse_dhcp_lease(std::string_view text);

} // namespace mandos::wire
