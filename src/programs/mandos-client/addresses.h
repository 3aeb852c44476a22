// Addresses: the VLANs, addresses and routes that servers beyond a bare link take, on the interfaces that
// Network (network.h) has. core/addressing.h decides; this asks the kernel and DHCP, and undoes at the end
// what it did. What goes wrong is said and stops nothing else. Takes CAP_NET_ADMIN.
//
// Everything happens on one strand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/netlink/changes.h"
#include "adapters/netlink/watcher.h"
#include "base/error.h"
#include "core/addressing.h"
#include "loop/asio.h"
#include "programs/mandos-client/dhcp.h"

namespace mandos::client {

class Addresses {
  public:
    using Problem = std::function<void(std::string_view line)>;

    // Uses CHANGES until end().
    Addresses(const io::any_io_executor& strand, core::AddressingSettings settings, netlink::Changes& changes,
              Problem problem);
    Addresses(const Addresses&) = delete;
    Addresses& operator=(const Addresses&) = delete;
    ~Addresses() = default;

    // What the kernel's watcher tells, of all interfaces.
    void on(const netlink::Link& link);
    void on(const netlink::LinkGone& gone);
    void on(const netlink::Address& address);
    void on(const netlink::Listed& listed);
    // One of them can be used (core/links.h).
    void came(std::uint32_t link, std::string_view name);

    // Undoes all that was done. Interfaces are taken down after that. Returns those that are gone now.
    std::vector<std::uint32_t> end();

  private:
    void carry_out(const core::Addressing::Actions& actions);
    void carry_out(const core::Addressing::MakeVlan& action);
    void carry_out(const core::Addressing::AddAddress& action);
    void carry_out(const core::Addressing::AddRoute& action);
    void carry_out(const core::Addressing::AskDhcp& action);
    void carry_out(const core::Addressing::StopDhcp& action);
    void carry_out(const core::Addressing::RemoveVlan& action);
    void carry_out(const core::Addressing::RemoveAddress& action);
    void carry_out(const core::Addressing::RemoveRoute& action);
    // A thing that was made is ours to undo; one that was there already is not, and no problem.
    void made(const Result<void>& result, std::uint32_t link, const core::Addressing::Undo& undo);
    void undone(const Result<void>& result);
    std::string where(std::uint32_t link) const;

    core::Addressing addressing_;
    netlink::Changes& changes_;
    Problem problem_;
    std::map<std::uint32_t, std::string> names_;
    std::vector<std::uint32_t> removed_;
    Dhcp dhcp_;
};

} // namespace mandos::client
