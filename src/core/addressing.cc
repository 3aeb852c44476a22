#include "core/addressing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/ip_address.h"
#include "core/network_settings.h"

namespace mandos::core {

namespace {

using Method = AddressSetting::Method;

// Below that of what routers advertise, 1024 in Linux; what DHCP says comes after both, and several of them
// beside each other.
constexpr std::uint32_t static_metric = 512;
constexpr std::uint32_t dhcp_metric = 2048;

Subnet everywhere(const IpAddress& like) {
    return {.address = like.is_ipv4() ? IpAddress::from_v4({}) : IpAddress{}, .prefix = 0};
}

std::uint32_t link_of(const Addressing::Undo& undo) {
    if (const auto* vlan = std::get_if<Addressing::RemoveVlan>(&undo))
        return vlan->link;
    if (const auto* address = std::get_if<Addressing::RemoveAddress>(&undo))
        return address->link;
    return std::get<Addressing::RemoveRoute>(undo).route.link;
}

} // namespace

Addressing::Addressing(AddressingSettings settings) : settings_(std::move(settings)) {}

bool Addressing::is_parent(const std::string& name) const {
    return std::ranges::find(settings_.wanted.vlans, name, &VlanSetting::parent)
           != settings_.wanted.vlans.end();
}

bool Addressing::is_named(const std::string& name) const {
    return std::ranges::find(settings_.wanted.addresses, name, &AddressSetting::device)
           != settings_.wanted.addresses.end();
}

// One that names the interface counts before those that name none.
bool Addressing::wants_dhcp(const Known& known) const {
    const auto& addresses = settings_.wanted.addresses;
    if (addresses.empty())
        return settings_.needed == Beyond::Ipv4 && !known.has_ipv4 && !is_parent(known.name);
    const bool named = is_named(known.name);
    if (!named && is_parent(known.name))
        return false;
    return std::ranges::any_of(addresses, [&](const AddressSetting& each) {
        return each.method == Method::Dhcp && each.device == (named ? known.name : "");
    });
}

Addressing::Actions Addressing::seen(std::uint32_t link, const std::string& name, bool up) {
    Actions actions;
    Known& known = known_[link];
    known.name = name;
    if (known.up && !up)
        went_down(link, known, actions);
    known.up = up;
    if (!up)
        return actions;
    make_vlans(link, known, actions);
    make_static(link, known, actions);
    make_routes(link, known, actions);
    return actions;
}

Addressing::Actions Addressing::gone(std::uint32_t link) {
    Actions actions;
    const auto found = known_.find(link);
    if (found == known_.end())
        return actions;
    went_down(link, found->second, actions);
    known_.erase(found);
    std::erase_if(vlans_, [link](const auto& place) { return place.second == link; });
    std::erase_if(done_, [link](const Undo& undo) { return link_of(undo) == link; });
    return actions;
}

void Addressing::has_address(std::uint32_t link, const IpAddress& address) {
    if (address.is_ipv4())
        known_[link].has_ipv4 = true;
}

Addressing::Actions Addressing::listed() {
    listed_ = true;
    Actions actions;
    for (auto& [link, known] : known_)
        ask_dhcp(link, known, actions);
    return actions;
}

Addressing::Actions Addressing::came(std::uint32_t link, const std::string& name) {
    Actions actions;
    Known& known = known_[link];
    known.name = name;
    known.up = true;
    const bool is_back = !std::exchange(known.usable, true);
    if (is_back)
        make_leased(link, known, actions);
    make_static(link, known, actions);
    make_routes(link, known, actions);
    ask_dhcp(link, known, actions);
    return actions;
}

Addressing::Actions Addressing::leased(std::uint32_t link, const Lease& lease) {
    const auto found = known_.find(link);
    if (found == known_.end() || found->second.dhcp != Dhcp::Asked)
        return {};
    found->second.dhcp = Dhcp::NotAsked;
    found->second.lease = lease;
    Actions actions;
    make_leased(link, found->second, actions);
    make_routes(link, found->second, actions);
    return actions;
}

void Addressing::did(const Undo& undo) {
    if (std::ranges::find(done_, undo) == done_.end())
        done_.push_back(undo);
}

Addressing::Actions Addressing::end() {
    Actions actions;
    for (auto& [link, known] : known_)
        if (std::exchange(known.dhcp, Dhcp::NotAsked) == Dhcp::Asked)
            actions.emplace_back(StopDhcp{link});
    for (; !done_.empty(); done_.pop_back())
        std::visit([&actions](const auto& undo) { actions.emplace_back(undo); }, done_.back());
    known_.clear();
    return actions;
}

void Addressing::make_vlans(std::uint32_t link, const Known& known, Actions& actions) {
    const auto& vlans = settings_.wanted.vlans;
    for (std::size_t number = 0; number < vlans.size(); ++number)
        if (vlans[number].parent == known.name && vlans_.try_emplace(number, link).second)
            actions.emplace_back(MakeVlan{.vlan = vlans[number], .parent = link});
}

void Addressing::make_static(std::uint32_t link, const Known& known, Actions& actions) {
    const auto& addresses = settings_.wanted.addresses;
    const bool may_be_first = known.usable && !is_parent(known.name);
    for (std::size_t number = 0; number < addresses.size(); ++number) {
        const AddressSetting& setting = addresses[number];
        const bool is_here = setting.device.empty() ? may_be_first : setting.device == known.name;
        if (setting.method != Method::Static || !setting.address || !is_here
            || !addresses_.try_emplace(number, link).second)
            continue;
        add_subnet(link, {.address = *setting.address, .gateway = setting.gateway}, static_metric, actions);
        subnets_.emplace(link, *setting.address);
    }
}

void Addressing::make_routes(std::uint32_t link, const Known& known, Actions& actions) {
    const auto& routes = settings_.wanted.routes;
    for (std::size_t number = 0; number < routes.size(); ++number) {
        const RouteSetting& setting = routes[number];
        const bool is_here =
            setting.device.empty() ? gateway_fits(setting, link) : setting.device == known.name;
        if (!is_here || !routes_.try_emplace(number, link).second)
            continue;
        actions.emplace_back(
            AddRoute{{.link = link, .to = setting.to, .gateway = setting.gateway, .metric = static_metric}});
    }
}

bool Addressing::gateway_fits(const RouteSetting& route, std::uint32_t link) const {
    const auto [first, last] = subnets_.equal_range(link);
    return std::any_of(first, last, [&route](const auto& entry) {
        return route.gateway && entry.second.contains(*route.gateway);
    });
}

void Addressing::add_subnet(std::uint32_t link, const Lease& lease, std::uint32_t metric, Actions& actions) {
    actions.emplace_back(AddAddress{.link = link, .address = lease.address});
    if (!lease.gateway)
        return;
    const bool inside = lease.address.contains(*lease.gateway) || lease.gateway->is_ipv6_link_local();
    actions.emplace_back(
        AddRoute{{.link = link,
                  .to = everywhere(*lease.gateway),
                  .gateway = lease.gateway,
                  .metric = metric,
                  .gateway_is = inside ? Route::Gateway::InNetwork : Route::Gateway::OnLink}});
}

void Addressing::make_leased(std::uint32_t link, const Known& known, Actions& actions) {
    if (!known.lease)
        return;
    add_subnet(link, *known.lease, dhcp_metric + link, actions);
    subnets_.emplace(link, known.lease->address);
}

void Addressing::ask_dhcp(std::uint32_t link, Known& known, Actions& actions) const {
    if (!listed_ || !known.usable || known.dhcp != Dhcp::NotAsked || known.lease || !wants_dhcp(known))
        return;
    known.dhcp = Dhcp::Asked;
    actions.emplace_back(AskDhcp{.link = link, .name = known.name});
}

void Addressing::went_down(std::uint32_t link, Known& known, Actions& actions) {
    if (std::exchange(known.dhcp, Dhcp::NotAsked) == Dhcp::Asked)
        actions.emplace_back(StopDhcp{link});
    known.usable = false;
    const auto is_here = [link](const auto& place) { return place.second == link; };
    std::erase_if(addresses_, is_here);
    std::erase_if(routes_, is_here);
    subnets_.erase(link);
}

} // namespace mandos::core
