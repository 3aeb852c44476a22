// What the kernel's command line says about the network: what comes out can be given to the kernel.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "core/network_settings.h"
#include "wire/kernel_network.h"
#include "wire/server_address.h"

namespace {

using mandos::core::AddressSetting;
using mandos::core::Subnet;

void check_subnet(const Subnet& subnet) {
    mandos::check(subnet.prefix <= (subnet.address.is_ipv4() ? 32 : 128),
                  "a prefix is not longer than an address");
    mandos::check(subnet.contains(subnet.address) && subnet.contains(subnet.network().address),
                  "a network has what is in it");
}

void check_device(std::string_view name) {
    mandos::check(name.empty() || mandos::wire::is_interface_name(name), "a device can be one");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto ip = mandos::wire::parse_ip_parameter(text)) {
        check_device(ip->device);
        mandos::check(ip->address.has_value() == (ip->method == AddressSetting::Method::Static),
                      "who has an address is given it");
        if (ip->address)
            check_subnet(*ip->address);
    }
    if (const auto vlan = mandos::wire::parse_vlan_parameter(text)) {
        check_device(vlan->parent);
        mandos::check(!vlan->name.empty() && vlan->id > 0 && vlan->id < 4095, "a VLAN is one");
    }
    if (const auto route = mandos::wire::parse_route_parameter(text)) {
        check_subnet(route->to);
        check_device(route->device);
        mandos::check(route->to == route->to.network(), "a route is to a network");
    }
    return 0;
}
