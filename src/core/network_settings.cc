#include "core/network_settings.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "core/ip_address.h"

namespace mandos::core {

namespace {

constexpr std::size_t mapped_bits = 96; // before an IPv4 address in its IPv6 form

bool bit_of(const IpAddress& address, std::size_t number) {
    return (address.bytes.at(number / 8) & (std::byte{0x80} >> (number % 8))) != std::byte{0};
}

} // namespace

bool Subnet::contains(const IpAddress& other) const {
    if (address.is_ipv4() != other.is_ipv4())
        return false;
    const std::size_t bits = prefix + (address.is_ipv4() ? mapped_bits : 0);
    for (std::size_t number = 0; number < bits; ++number)
        if (bit_of(address, number) != bit_of(other, number))
            return false;
    return true;
}

Subnet Subnet::network() const {
    Subnet network = *this;
    const std::size_t bits = prefix + (address.is_ipv4() ? mapped_bits : 0);
    for (std::size_t number = bits; number < 8 * network.address.bytes.size(); ++number)
        network.address.bytes.at(number / 8) &= ~(std::byte{0x80} >> (number % 8));
    return network;
}

std::string Subnet::text() const {
    return fmt::format("{}/{}", address.text(), prefix);
}

std::vector<std::string> with_devices_of(const NetworkSettings& settings, std::vector<std::string> names) {
    if (names.empty())
        return names;
    std::vector<std::string> all;
    const auto add = [&](const std::string& name) {
        const auto is_it = [&name](const std::string& other) { return other == name; };
        if (!name.empty() && std::ranges::none_of(all, is_it) && std::ranges::none_of(names, is_it))
            all.push_back(name);
    };
    for (const VlanSetting& vlan : settings.vlans) {
        add(vlan.parent);
        add(vlan.name);
    }
    for (const AddressSetting& address : settings.addresses)
        add(address.device);
    for (const RouteSetting& route : settings.routes)
        add(route.device);
    // In front: what stands behind "none" is not brought up.
    all.insert(all.end(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
    return all;
}

} // namespace mandos::core
