#include "programs/mandos-client/network.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <linux/if.h>
#include <linux/if_addr.h>

#include "adapters/netlink/changes.h"
#include "adapters/netlink/watcher.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/addressing.h"
#include "core/links.h"
#include "core/network_settings.h"
#include "core/time.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "programs/mandos-client/addresses.h"
#include "programs/mandos-client/device_manager.h"
#include "programs/mandos-client/link_sysctls.h"
#include "programs/mandos-client/quiet_console.h"

namespace mandos::client {

using core::Links;

namespace {

Links::Settings with_names(Links::Settings settings, const core::AddressingSettings& addressing) {
    settings.names = core::with_devices_of(addressing.wanted, std::move(settings.names));
    return settings;
}

} // namespace

class Network::Parts : public std::enable_shared_from_this<Network::Parts> {
  public:
    Parts(const io::any_io_executor& strand, Links::Settings settings, Handlers handlers,
          core::AddressingSettings addressing)
        : strand_(strand),
          timer_(strand),
          handlers_(std::move(handlers)),
          named_(settings.names),
          waits_for_any_(settings.names.empty() && settings.servers == Links::Servers::LookedFor),
          links_(std::move(settings)),
          addressing_(std::move(addressing)) {
        std::erase(named_, "none");
    }

    Result<void> start() {
        auto changes = netlink::Changes::open();
        if (!changes)
            return std::unexpected(std::move(changes).error());
        changes_.emplace(*std::move(changes));
        addresses_.emplace(strand_, addressing_, *changes_, [this](std::string_view line) { problem(line); });
        devices_.emplace(strand_, [this] { settle(); });
        auto watcher = netlink::Watcher::start(strand_, [this](const netlink::Event& event) {
            std::visit([this](const auto& one) { on(one); }, event);
        });
        if (!watcher)
            return std::unexpected(std::move(watcher).error());
        watcher_.emplace(*std::move(watcher));
        return {};
    }

    void end() {
        watcher_.reset();
        devices_.reset();
        timer_.cancel();
        handlers_.came = nullptr;
        handlers_.left = nullptr;
        if (addresses_)
            for (const std::uint32_t link : addresses_->end())
                (void)links_.gone(link);
        carry_out(links_.end());
    }

  private:
    void on(const netlink::Link& link) {
        const auto has = [&link](unsigned flag) { return (link.flags & flag) != 0; };
        known_[link.index] = link;
        if (!devices_->has_seen(link.index))
            unsettled_.insert(link.index);
        carry_out(links_.seen({.index = link.index,
                               .name = link.name,
                               .up = has(IFF_UP),
                               // Of one that was never up, the kernel says that it runs.
                               .carrier = has(IFF_RUNNING) && has(IFF_LOWER_UP),
                               .loopback = has(IFF_LOOPBACK),
                               .broadcast = has(IFF_BROADCAST),
                               .arp = !has(IFF_NOARP),
                               .point_to_point = has(IFF_POINTOPOINT),
                               .settled = !unsettled_.contains(link.index)},
                              loop::now()));
        addresses_->on(link);
    }
    void on(const netlink::LinkGone& gone) {
        addresses_->on(gone);
        known_.erase(gone.index);
        unsettled_.erase(gone.index);
        carry_out(links_.gone(gone.index));
    }
    void on(const netlink::Address& address) {
        addresses_->on(address);
        if ((address.flags & IFA_F_DADFAILED) != 0)
            problem(fmt::format("another machine has the address {} of interface {} too; it cannot be used",
                                address.address.text(), quoted(name_of(address.link))));
        // An optimistic address can be used while it is tentative.
        else if ((address.flags & IFA_F_TENTATIVE) == 0 || (address.flags & IFA_F_OPTIMISTIC) != 0)
            carry_out(links_.has_address(address.link));
    }
    void on(const netlink::AddressGone& /*gone*/) {}
    void on(const netlink::Listed& listed) {
        addresses_->on(listed);
        for (const std::string& name : named_) {
            const auto has_name = [&name](const auto& known) { return known.second.name == name; };
            if (std::ranges::none_of(known_, has_name))
                problem(fmt::format("there is no network interface {} yet; waiting for it", quoted(name)));
        }
        if (waits_for_any_ && links_.size() == 0)
            problem("there is no network interface to look for servers on yet; waiting for one");
    }
    void on(const netlink::Failed& failed) { problem(failed.error.text()); }

    // What udev may have seen meanwhile.
    void settle() {
        const auto waiting = std::exchange(unsettled_, {});
        for (const std::uint32_t index : waiting)
            if (const auto known = known_.find(index); known != known_.end())
                on(netlink::Link(known->second));
    }

    std::string name_of(std::uint32_t index) const {
        const auto known = known_.find(index);
        return known == known_.end() ? fmt::format("number {}", index) : known->second.name;
    }

    void carry_out(const Links::Actions& actions) {
        for (const Links::Action& action : actions)
            std::visit([this](const auto& one) { carry_out(one); }, action);
        set_timer();
    }
    void carry_out(const Links::BringUp& bring_up) {
        sysctls_.be_optimistic(bring_up.index, name_of(bring_up.index));
        const QuietConsole quiet;
        if (const auto done = changes_->set_up(bring_up.index); !done) {
            sysctls_.put_back(bring_up.index);
            links_.failed(bring_up.index);
            problem(fmt::format("interface {} stays down: {}", quoted(name_of(bring_up.index)),
                                done.error().text()));
        }
    }
    void carry_out(const Links::TakeDown& take_down) {
        if (const auto done = changes_->set_down(take_down.index); !done)
            problem(done.error().text());
        sysctls_.put_back(take_down.index);
    }
    void carry_out(const Links::Came& came) {
        addresses_->came(came.index, came.name);
        if (handlers_.came)
            handlers_.came(came.index, came.name);
    }
    void carry_out(const Links::Left& left) {
        if (handlers_.left)
            handlers_.left(left.index);
    }

    void set_timer() {
        timer_.cancel();
        const auto next = links_.next();
        if (!next || !watcher_)
            return;
        timer_.expires_after(std::max(*next - loop::now(), core::Time::duration::zero()));
        timer_.async_wait([self = shared_from_this()](const std::error_code& error) {
            if (!error && self->watcher_)
                self->carry_out(self->links_.pass(loop::now()));
        });
    }

    void problem(std::string_view line) const {
        if (handlers_.problem)
            handlers_.problem(line);
    }

    const io::any_io_executor strand_;
    io::steady_timer timer_;
    Handlers handlers_;
    LinkSysctls sysctls_;
    std::vector<std::string> named_; // that are waited for
    const bool waits_for_any_;
    Links links_;
    std::map<std::uint32_t, netlink::Link> known_;
    std::set<std::uint32_t> unsettled_; // of them
    std::optional<DeviceManager> devices_;
    const core::AddressingSettings addressing_;
    std::optional<netlink::Changes> changes_;
    std::optional<Addresses> addresses_;
    std::optional<netlink::Watcher> watcher_;
};

Network::Network(const io::any_io_executor& strand, Links::Settings settings, Handlers handlers,
                 core::AddressingSettings addressing)
    : parts_(std::make_shared<Parts>(strand, with_names(std::move(settings), addressing), std::move(handlers),
                                     std::move(addressing))) {}

Network::~Network() {
    end();
}

Result<void> Network::start() {
    return parts_->start();
}

void Network::end() {
    parts_->end();
}

} // namespace mandos::client
