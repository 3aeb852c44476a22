// What the kernel's command line says about the network, in the forms of those who read it there: the kernel
// itself (Documentation/admin-guide/nfs/nfsroot.rst), initramfs-tools(7) and dracut.cmdline(7). Each function
// takes what stands behind the "=" of one parameter.
//
//   ip=CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:METHOD:DNS0:DNS1:NTP0   all of it may be empty or left
//   out ip=CLIENT:PEER:GATEWAY:NETMASK:HOSTNAME:DEVICE:METHOD:MTU:MAC            dracut
//   ip=DEVICE:METHOD[:MTU[:MAC]]                                             dracut
//   ip=METHOD
//   vlan=NAME:PARENT            NAME: vlan5, vlan0005, eth0.5 or eth0.0005
//   rd.route=NETWORK/PREFIX:GATEWAY[:DEVICE]
//
//   METHOD                                     | comes to
//   -------------------------------------------+------------------------------------------------------------
//   off, none, static, done, with an address   | Static
//   off, none, static, done, without           | Nothing
//   dhcp, on, any, both, bootp                 | Dhcp
//   auto6, either6, link6, dhcp6               | Advertised: there is no DHCP for IPv6 here
//   left out                                   | Static with an address, else Dhcp
//
// IPv6 addresses are in brackets. NETMASK is a mask, or the number of its bits; ADDRESS/BITS is taken too.
// Where it is left out, it is that of the address's class, as in the kernel, or /64. SERVER, HOSTNAME, DNS,
// NTP, MTU and MAC are for others; of them only what an address must be is looked at.
//
// Errors are Invalid (which part, what was expected), or Unsupported: it means something, but to others.
#pragma once

#include <string_view>

#include "base/error.h"
#include "core/network_settings.h"

namespace mandos::wire {

Result<core::AddressSetting> parse_ip_parameter(std::string_view value);
Result<core::VlanSetting> parse_vlan_parameter(std::string_view value);
Result<core::RouteSetting> parse_route_parameter(std::string_view value);

} // namespace mandos::wire
