#include "programs/mandos-client/addresses.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <linux/if.h>

#include "adapters/netlink/changes.h"
#include "adapters/netlink/watcher.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/addressing.h"
#include "loop/asio.h"

namespace mandos::client {

using core::Addressing;

Addresses::Addresses(const io::any_io_executor& strand, core::AddressingSettings settings,
                     netlink::Changes& changes, Problem problem)
    : addressing_(std::move(settings)),
      changes_(changes),
      problem_(std::move(problem)),
      dhcp_(strand,
            {.leased = [this](std::uint32_t link,
                              const core::Lease& lease) { carry_out(addressing_.leased(link, lease)); },
             .problem = problem_}) {}

void Addresses::on(const netlink::Link& link) {
    names_[link.index] = link.name;
    carry_out(addressing_.seen(link.index, link.name, (link.flags & IFF_UP) != 0));
}

void Addresses::on(const netlink::LinkGone& gone) {
    carry_out(addressing_.gone(gone.index));
    names_.erase(gone.index);
}

void Addresses::on(const netlink::Address& address) {
    addressing_.has_address(address.link, address.address);
}

void Addresses::on(const netlink::Listed& /*listed*/) {
    carry_out(addressing_.listed());
}

void Addresses::came(std::uint32_t link, std::string_view name) {
    carry_out(addressing_.came(link, std::string(name)));
}

std::vector<std::uint32_t> Addresses::end() {
    carry_out(addressing_.end());
    return std::exchange(removed_, {});
}

void Addresses::carry_out(const Addressing::Actions& actions) {
    for (const Addressing::Action& action : actions)
        std::visit([this](const auto& one) { carry_out(one); }, action);
}

void Addresses::carry_out(const Addressing::MakeVlan& action) {
    const auto index = changes_.make_vlan(action.vlan, action.parent);
    if (index)
        addressing_.did(Addressing::RemoveVlan{*index});
    else if (index.error().code() != EEXIST)
        problem_(index.error().text());
}

void Addresses::carry_out(const Addressing::AddAddress& action) {
    made(changes_.add_address(action.link, action.address), action.link,
         Addressing::RemoveAddress{.link = action.link, .address = action.address});
}

void Addresses::carry_out(const Addressing::AddRoute& action) {
    made(changes_.add_route(action.route), action.route.link, Addressing::RemoveRoute{action.route});
}

void Addresses::carry_out(const Addressing::AskDhcp& action) {
    dhcp_.ask(action.link, action.name);
}

void Addresses::carry_out(const Addressing::StopDhcp& action) {
    dhcp_.stop(action.link);
}

void Addresses::carry_out(const Addressing::RemoveVlan& action) {
    const auto removed = changes_.remove_link(action.link);
    undone(removed);
    if (removed)
        removed_.push_back(action.link);
}

void Addresses::carry_out(const Addressing::RemoveAddress& action) {
    undone(changes_.remove_address(action.link, action.address));
}

void Addresses::carry_out(const Addressing::RemoveRoute& action) {
    undone(changes_.remove_route(action.route));
}

void Addresses::made(const Result<void>& result, std::uint32_t link, const Addressing::Undo& undo) {
    if (result)
        addressing_.did(undo);
    else if (result.error().code() != EEXIST)
        problem_(fmt::format("{}: {}", where(link), result.error().text()));
}

// What is no longer there went with its interface, or with the address that it rested on.
void Addresses::undone(const Result<void>& result) {
    if (result)
        return;
    const int code = result.error().code();
    if (code != ESRCH && code != EADDRNOTAVAIL && code != ENODEV)
        problem_(result.error().text());
}

std::string Addresses::where(std::uint32_t link) const {
    const auto name = names_.find(link);
    return fmt::format("interface {}", name == names_.end() ? std::to_string(link) : quoted(name->second));
}

} // namespace mandos::client
