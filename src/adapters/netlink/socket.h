// The rtnetlink socket of libmnl's that both sides of this adapter use, closed with its object.
#pragma once

#include <cstdint>
#include <span>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "base/error.h"
#include "base/handle.h"
#include "core/ip_address.h"

namespace mandos::netlink {

using Socket = Handle<mnl_socket, mnl_socket_close>;

// Listens to GROUPS (RTMGRP_LINK ..., rtnetlink(7)), and to what is answered to it; 0: to that alone.
Result<Socket> open_socket(unsigned groups);

// The value of an attribute that is an address of FAMILY; one of another length is the unspecified address.
core::IpAddress to_ip_address(const nlattr& attribute, std::uint8_t family);

} // namespace mandos::netlink
