// Changes: what is done to network interfaces, addresses and routes, one request to the kernel each
// (rtnetlink(7)), answered before the call returns. Takes CAP_NET_ADMIN. Errors are the kernel's, with what
// it says about them where it does (NETLINK_EXT_ACK): Denied without the capability, NotFound: no such
// interface, System: all else.
#pragma once

#include <cstdint>

#include "adapters/netlink/socket.h"
#include "base/error.h"
#include "core/addressing.h"
#include "core/ip_address.h"
#include "core/network_settings.h"

namespace mandos::netlink {

class Changes {
  public:
    static Result<Changes> open();

    Result<void> set_up(std::uint32_t link);
    Result<void> set_down(std::uint32_t link);

    // A route to ADDRESS alone, directly by LINK, as Mandos 1.8's helper makes it: protocol "boot", metric
    // 1024 for IPv6, scope "link" for IPv4. System with EEXIST as its code: it is there already, and not
    // ours.
    Result<void> add_route(std::uint32_t link, const core::IpAddress& address);
    // That route. System with ESRCH as its code: it is not there.
    Result<void> remove_route(std::uint32_t link, const core::IpAddress& address);

    // An address of LINK. IPv6: used at once, without a look for others that have it (RFC 4862 §5.4), since
    // it was chosen by a person and not by chance, and the gateway of one that is still being checked takes
    // seconds to answer. System with EEXIST as its code: it is there already, and not ours.
    Result<void> add_address(std::uint32_t link, const core::Subnet& address);
    // System with EADDRNOTAVAIL as its code: it is not there.
    Result<void> remove_address(std::uint32_t link, const core::Subnet& address);

    // A route to a network; protocol "boot". Codes as those of a route to an address.
    Result<void> add_route(const core::Route& route);
    Result<void> remove_route(const core::Route& route);

    // Returns the index of the new interface, which is down. System with EEXIST as its code: there is one of
    // that name; EOPNOTSUPP: this kernel has no VLANs.
    Result<std::uint32_t> make_vlan(const core::VlanSetting& vlan, std::uint32_t parent);
    Result<void> remove_link(std::uint32_t link);

  private:
    enum class Change { Add, Remove };

    explicit Changes(Socket socket) : socket_(std::move(socket)) {}

    Result<void> set_flag_up(std::uint32_t link, std::uint32_t value);
    Result<void> change_address(Change change, std::uint32_t link, const core::Subnet& address);
    Result<void> change_route(Change change, const core::Route& route);
    Result<void> change_route(Change change, std::uint32_t link, const core::IpAddress& address);
    Result<void> request(nlmsghdr& message);

    Socket socket_;
    std::uint32_t sequence_ = 0;
};

} // namespace mandos::netlink
