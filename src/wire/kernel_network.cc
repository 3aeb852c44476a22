#include "wire/kernel_network.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "core/network_settings.h"
#include "wire/network_fields.h"

namespace mandos::wire {

using core::AddressSetting;
using core::RouteSetting;
using core::VlanSetting;

namespace {

using Method = AddressSetting::Method;

constexpr std::uint16_t last_vlan = 4094; // 0 and 4095 are reserved (IEEE 802.1Q)

// The fields of an ip= that begins with an address or has none.
enum Field : std::uint8_t { Client, Peer, Gateway, Netmask, Hostname, Device, HowTo, Rest };

// What a word for METHOD comes to; Static is with or without an address.
constexpr std::array<std::pair<std::string_view, Method>, 15> methods{{
    {"off", Method::Static},
    {"none", Method::Static},
    {"static", Method::Static},
    {"done", Method::Static},
    {"dhcp", Method::Dhcp},
    {"on", Method::Dhcp},
    {"any", Method::Dhcp},
    {"both", Method::Dhcp},
    {"bootp", Method::Dhcp},
    {"single-dhcp", Method::Dhcp},
    {"auto", Method::Dhcp}, // which is that beside what routers advertise
    {"auto6", Method::Advertised},
    {"either6", Method::Advertised},
    {"link6", Method::Advertised},
    {"dhcp6", Method::Advertised},
}};

std::optional<Method> method_called(std::string_view word) {
    const auto* const found = std::ranges::find(methods, word, &std::pair<std::string_view, Method>::first);
    return found == methods.end() ? std::nullopt : std::optional(found->second);
}

bool is_for_others(std::string_view word) {
    return word == "ibft" || word == "rarp" || word == "link-local";
}

Result<Method> parse_method(std::string_view word) {
    if (const auto method = method_called(word))
        return *method;
    if (is_for_others(word))
        return fail(ErrorKind::Unsupported,
                    "{} is not done here; expected dhcp, on, any, off, none, static or auto6", quoted(word));
    return fail(ErrorKind::Invalid,
                "{} is no way to configure an interface; expected dhcp, on, any, off, none, static or auto6",
                quoted(word));
}

bool is_mac(const Fields& fields, std::size_t from) {
    const auto is_byte = [](std::string_view part) {
        return part.size() == 2 && part.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    };
    return fields.size() == from + 6
           && std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(from), fields.end(), is_byte);
}

// What follows METHOD: MTU[:MAC], or up to three addresses of servers. For others, but not just anything.
Result<void> check_rest(const Fields& fields, std::size_t from) {
    const std::string_view first = field(fields, from);
    const bool has_mtu = parse_number<std::uint32_t>(first).has_value();
    if ((has_mtu || first.empty()) && is_mac(fields, from + 1))
        return {};
    for (std::size_t number = from; number < fields.size(); ++number) {
        if (number == from + 3)
            return fail(ErrorKind::Invalid, "has too much at its end: {}", quoted(fields[number]));
        if (!fields[number].empty() && !(number == from && has_mtu))
            (void)MANDOS_TRY(parse_bracketed_address(fields[number], "what follows the method"));
    }
    return {};
}

// DEVICE:METHOD[:MTU[:MAC]]
Result<AddressSetting> parse_device_form(const Fields& fields) {
    AddressSetting setting{.method = MANDOS_TRY(parse_method(fields[1]))};
    if (!fields[0].empty())
        setting.device = MANDOS_TRY(parse_device(fields[0]));
    if (setting.method == Method::Static)
        setting.method = Method::Nothing;
    MANDOS_TRY(check_rest(fields, 2));
    return setting;
}

Result<AddressSetting> parse_long_form(const Fields& fields) {
    AddressSetting setting;
    if (const std::string_view device = field(fields, Device); !device.empty())
        setting.device = MANDOS_TRY(parse_device(device));
    const std::string_view client = field(fields, Client);
    if (!client.empty())
        setting.address = MANDOS_TRY(parse_subnet(client, field(fields, Netmask), "the client's address"));
    if (const std::string_view gateway = field(fields, Gateway); !gateway.empty())
        setting.gateway = MANDOS_TRY(parse_bracketed_address(gateway, "the gateway"));
    if (setting.address && setting.gateway
        && setting.address->address.is_ipv4() != setting.gateway->is_ipv4())
        return fail(ErrorKind::Invalid, "the gateway {} is of another kind than the client's address {}",
                    setting.gateway->text(), setting.address->address.text());
    if (setting.address && !setting.address->address.is_reachable_host())
        return fail(ErrorKind::Invalid, "the client's address {} is none that a machine can have",
                    setting.address->address.text());
    const std::string_view how = field(fields, HowTo);
    setting.method =
        how.empty() ? (setting.address ? Method::Static : Method::Dhcp) : MANDOS_TRY(parse_method(how));
    MANDOS_TRY(check_rest(fields, Rest));
    if (setting.method == Method::Static && !setting.address)
        setting.method = Method::Nothing;
    if (setting.method != Method::Static) { // a wish at most, for the DHCP server
        setting.address.reset();
        setting.gateway.reset();
    }
    return setting;
}

Result<AddressSetting> parse_ip(std::string_view value) {
    const Fields fields = split_fields(value);
    if (fields.size() == 1 && !looks_like_address(value)) {
        AddressSetting setting{.method = MANDOS_TRY(parse_method(value))};
        if (setting.method == Method::Static)
            setting.method = Method::Nothing;
        return setting;
    }
    const bool second_is_method =
        fields.size() > 1 && (method_called(fields[1]).has_value() || is_for_others(fields[1]));
    if (second_is_method && !looks_like_address(fields[0]))
        return parse_device_form(fields);
    return parse_long_form(fields);
}

Result<VlanSetting> parse_vlan(std::string_view value) {
    const Fields fields = split_fields(value);
    if (fields.size() != 2)
        return fail(ErrorKind::Invalid, "expected NAME:PARENT, like vlan5:eth0 or eth0.5:eth0");
    VlanSetting vlan{.name = MANDOS_TRY(parse_device(fields[0])),
                     .parent = MANDOS_TRY(parse_device(fields[1]))};
    constexpr std::string_view prefix = "vlan";
    const std::string_view name = vlan.name;
    const std::size_t dot = name.rfind('.');
    std::string_view number;
    if (dot != std::string_view::npos)
        number = name.substr(dot + 1);
    else if (name.starts_with(prefix))
        number = name.substr(prefix.size());
    const auto id = parse_number<std::uint16_t>(number);
    if (!id || *id == 0 || *id > last_vlan)
        return fail(
            ErrorKind::Invalid,
            "{} does not tell the number of the VLAN; expected a name like vlan5, vlan0005, eth0.5 or "
            "eth0.0005, with 1 to {}",
            quoted(name), last_vlan);
    vlan.id = *id;
    if (vlan.name == vlan.parent)
        return fail(ErrorKind::Invalid, "{} cannot be a VLAN of itself", quoted(name));
    return vlan;
}

Result<RouteSetting> parse_route(std::string_view value) {
    const Fields fields = split_fields(value);
    if (fields.size() < 2 || fields.size() > 3)
        return fail(ErrorKind::Invalid, "expected NETWORK/PREFIX:GATEWAY[:DEVICE], like "
                                        "198.51.100.0/24:192.0.2.1 or [2001:db8:2::/48]:[2001:db8::1]:eth0");
    if (!fields[0].contains('/'))
        return fail(ErrorKind::Invalid, "the network {} has no length; expected one like 198.51.100.0/24",
                    quoted(fields[0]));
    RouteSetting route{.to = MANDOS_TRY(parse_subnet(fields[0], {}, "the network")).network()};
    if (!fields[1].empty())
        route.gateway = MANDOS_TRY(parse_bracketed_address(fields[1], "the gateway"));
    if (route.gateway && route.gateway->is_ipv4() != route.to.address.is_ipv4())
        return fail(ErrorKind::Invalid, "the gateway {} is of another kind than the network {}",
                    route.gateway->text(), route.to.text());
    if (const std::string_view device = field(fields, 2); !device.empty())
        route.device = MANDOS_TRY(parse_device(device));
    if (!route.gateway && route.device.empty())
        return fail(ErrorKind::Invalid, "expected a gateway, or the interface that the network is on");
    return route;
}

} // namespace

Result<AddressSetting> parse_ip_parameter(std::string_view value) {
    return MANDOS_TRY_IN(fmt::format("ip={}", quoted(value)), parse_ip(value));
}

Result<VlanSetting> parse_vlan_parameter(std::string_view value) {
    return MANDOS_TRY_IN(fmt::format("vlan={}", quoted(value)), parse_vlan(value));
}

Result<RouteSetting> parse_route_parameter(std::string_view value) {
    return MANDOS_TRY_IN(fmt::format("rd.route={}", quoted(value)), parse_route(value));
}

} // namespace mandos::wire
