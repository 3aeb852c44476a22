// Addressing: which VLANs, addresses and routes a client makes on which of a machine's network interfaces,
// and when; where DHCP is asked; and what is undone at the end, in the reverse order: what this client did,
// and nothing else. No clock and no I/O: it is told what the kernel says, says what is to be done, and is
// told what was done. core/links.h decides which interfaces are used and brings them up.
//
//   wanted (core/network_settings.h)     | when                                     | what
//   -------------------------------------+------------------------------------------+----------------------------
//   a VLAN                               | its parent is up                         | it is made
//   Static, with a device                | that is up (a carrier isn't waited for)  | address, default route
//   Static, without                      | the first one is usable that is no       | the same
//                                        | VLAN's parent                            |
//   Dhcp, with a device                  | that is usable                           | DHCP is asked until it
//   has
//                                        |                                          | answered: address,
//                                        default |                                          | route
//   Dhcp, without                        | each that is usable and no VLAN's        | the same
//                                        | parent, and that no other setting names  |
//   Advertised, or Nothing               | -                                        | nothing: DHCP is not
//   asked
//                                        |                                          | there (without a
//                                        device: |                                          | nowhere)
//   no address setting at all, and       | each that is usable, has no IPv4 address | DHCP is asked
//   servers are given that IPv4 beyond   | and is no VLAN's parent                  |
//   the link may be needed for           |                                          |
//   a route, with a device               | that is up, after its addresses          | the route
//   a route, without                     | an address is made in whose network its  | the same
//                                        | gateway is                               |
//
// "Usable" is what core/links.h calls Came. An interface that goes down loses routes and IPv6 addresses; when
// it is up again all that it had is made again. What is there already, made by others, stays theirs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/ip_address.h"
#include "core/network_settings.h"

namespace mandos::core {

// What DHCP has answered.
struct Lease {
    Subnet address;
    std::optional<IpAddress> gateway;

    bool operator==(const Lease&) const = default;
};

// A route by the interface with index LINK. Where it has a metric, others with a lower one are preferred.
struct Route {
    std::uint32_t link = 0;
    Subnet to;
    std::optional<IpAddress> gateway; // none: directly
    std::uint32_t metric = 0;
    // Whether the gateway is in the network of the link's address, or can be reached without that.
    enum class Gateway : std::uint8_t { InNetwork, OnLink } gateway_is = Gateway::InNetwork;

    bool operator==(const Route&) const = default;
};

// Who the servers are that were given, if any (--connect, --server).
enum class Beyond : std::uint8_t { Nothing, Ipv4 };
struct AddressingSettings {
    NetworkSettings wanted;
    Beyond needed = Beyond::Nothing; // Ipv4: IPv4 beyond the link may be needed
};

class Addressing {
  public:
    struct MakeVlan {
        VlanSetting vlan;
        std::uint32_t parent = 0;
        bool operator==(const MakeVlan&) const = default;
    };
    struct AddAddress {
        std::uint32_t link = 0;
        Subnet address;
        bool operator==(const AddAddress&) const = default;
    };
    struct AddRoute {
        Route route;
        bool operator==(const AddRoute&) const = default;
    };
    struct AskDhcp {
        std::uint32_t link = 0;
        std::string name;
        bool operator==(const AskDhcp&) const = default;
    };
    struct StopDhcp {
        std::uint32_t link = 0;
        bool operator==(const StopDhcp&) const = default;
    };
    // What undoes them.
    struct RemoveVlan {
        std::uint32_t link = 0;
        bool operator==(const RemoveVlan&) const = default;
    };
    struct RemoveAddress {
        std::uint32_t link = 0;
        Subnet address;
        bool operator==(const RemoveAddress&) const = default;
    };
    struct RemoveRoute {
        Route route;
        bool operator==(const RemoveRoute&) const = default;
    };
    using Action = std::variant<MakeVlan, AddAddress, AddRoute, AskDhcp, StopDhcp, RemoveVlan, RemoveAddress,
                                RemoveRoute>;
    using Actions = std::vector<Action>; // in this order
    using Undo = std::variant<RemoveVlan, RemoveAddress, RemoveRoute>;

    explicit Addressing(AddressingSettings settings);

    // What the kernel says of any interface, used or not.
    Actions seen(std::uint32_t link, const std::string& name, bool up);
    Actions gone(std::uint32_t link);
    void has_address(std::uint32_t link, const IpAddress& address);
    // All interfaces and addresses that there were at the start have been told.
    Actions listed();
    // As core/links.h says.
    Actions came(std::uint32_t link, const std::string& name);

    // DHCP has answered, for an interface for which it was asked.
    Actions leased(std::uint32_t link, const Lease& lease);

    // An action was done, and this will undo it. Not for what was there already.
    void did(const Undo& undo);

    // The last call: what is to be undone.
    Actions end();

  private:
    enum class Dhcp : std::uint8_t { NotAsked, Asked };
    struct Known {
        std::string name;
        bool up = false;
        bool usable = false; // came, and has not been down since
        bool has_ipv4 = false;
        Dhcp dhcp = Dhcp::NotAsked;
        std::optional<Lease> lease;
    };
    // Where a setting without a device is put; each by its number in the settings.
    using Places = std::map<std::size_t, std::uint32_t>;

    bool is_parent(const std::string& name) const;
    bool is_named(const std::string& name) const;
    bool wants_dhcp(const Known& known) const;
    void make_vlans(std::uint32_t link, const Known& known, Actions& actions);
    void make_static(std::uint32_t link, const Known& known, Actions& actions);
    void make_routes(std::uint32_t link, const Known& known, Actions& actions);
    void make_leased(std::uint32_t link, const Known& known, Actions& actions);
    void ask_dhcp(std::uint32_t link, Known& known, Actions& actions) const;
    void went_down(std::uint32_t link, Known& known, Actions& actions);
    static void add_subnet(std::uint32_t link, const Lease& lease, std::uint32_t metric, Actions& actions);
    bool gateway_fits(const RouteSetting& route, std::uint32_t link) const;

    const AddressingSettings settings_;
    std::map<std::uint32_t, Known> known_;
    Places addresses_;                             // of the static ones, that are made
    Places routes_;                                // the same of routes
    Places vlans_;                                 // the same of VLANs: their parents
    std::multimap<std::uint32_t, Subnet> subnets_; // by link, of the addresses that are made
    std::vector<Undo> done_;
    bool listed_ = false;
};

} // namespace mandos::core
