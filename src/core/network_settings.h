// What an administrator wants of the network beyond bare links, as the kernel's command line says it (ip=,
// vlan=, rd.route=; wire/kernel_network.h reads it). Values only; core/addressing.h says what comes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ip_address.h"

namespace mandos::core {

// An address with the length of its network's prefix: of a host ("192.0.2.5/24"), or of a network.
struct Subnet {
    IpAddress address;
    std::uint8_t prefix = 0; // bits: 0 to 32 for IPv4, 0 to 128 for IPv6

    // Whether OTHER is of the same family and has the same prefix.
    bool contains(const IpAddress& other) const;
    // With what follows the prefix cleared: the network of a host.
    Subnet network() const;
    // "192.0.2.0/24"
    std::string text() const;

    auto operator<=>(const Subnet&) const = default;
};

struct AddressSetting {
    enum class Method : std::uint8_t {
        Static,     // ADDRESS and GATEWAY
        Dhcp,       // DHCP for IPv4
        Advertised, // what routers advertise, which the kernel takes by itself
        Nothing,    // neither: not even where a server could not be reached otherwise
    };
    Method method = Method::Dhcp;
    std::string device;            // empty: the first that can be used
    std::optional<Subnet> address; // there where METHOD is Static
    std::optional<IpAddress> gateway;

    bool operator==(const AddressSetting&) const = default;
};

struct VlanSetting {
    std::string name;
    std::string parent;
    std::uint16_t id = 0; // 1 to 4094 (IEEE 802.1Q)

    bool operator==(const VlanSetting&) const = default;
};

struct RouteSetting {
    Subnet to;
    std::optional<IpAddress> gateway; // of the same family; none: directly
    std::string device;               // empty: the first that can be used

    bool operator==(const RouteSetting&) const = default;
};

struct NetworkSettings {
    std::vector<AddressSetting> addresses;
    std::vector<VlanSetting> vlans;
    std::vector<RouteSetting> routes;
};

// The names of interfaces to use where NAMES (--interface) were given: with the devices that SETTINGS name,
// which would not be used otherwise. No names: all that are usual, as ever.
std::vector<std::string> with_devices_of(const NetworkSettings& settings, std::vector<std::string> names);

} // namespace mandos::core
