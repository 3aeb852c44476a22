// Addresses, routes to networks, and VLANs: what the network beyond a bare link takes.
#include <cstddef>
#include <cstdint>
#include <string>

#include <array>
#include <cerrno>

#include <fmt/core.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "adapters/netlink/changes.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/addressing.h"
#include "core/ip_address.h"
#include "core/network_settings.h"

namespace mandos::netlink {

namespace {

constexpr std::size_t request_size = 512;
constexpr std::size_t mapped_prefix = 12; // bytes before an IPv4 address in its IPv6 form

unsigned char family_of(const core::IpAddress& address) {
    return address.is_ipv4() ? AF_INET : AF_INET6;
}

void put_address(nlmsghdr& message, std::uint16_t type, const core::IpAddress& address) {
    const std::size_t skipped = address.is_ipv4() ? mapped_prefix : 0;
    mnl_attr_put(&message, type, address.bytes.size() - skipped, address.bytes.data() + skipped);
}

} // namespace

Result<void> Changes::add_address(std::uint32_t link, const core::Subnet& address) {
    return change_address(Change::Add, link, address);
}

Result<void> Changes::remove_address(std::uint32_t link, const core::Subnet& address) {
    return change_address(Change::Remove, link, address);
}

Result<void> Changes::change_address(Change change, std::uint32_t link, const core::Subnet& address) {
    const bool adds = change == Change::Add;
    const bool is_ipv4 = address.address.is_ipv4();
    alignas(nlmsghdr) std::array<char, request_size> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = adds ? RTM_NEWADDR : RTM_DELADDR;
    message->nlmsg_flags = adds ? NLM_F_CREATE | NLM_F_EXCL : 0;
    auto* head = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg)));
    head->ifa_family = family_of(address.address);
    head->ifa_prefixlen = address.prefix;
    head->ifa_scope = address.address.is_ipv6_link_local() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    head->ifa_flags = adds && !is_ipv4 ? IFA_F_NODAD : 0;
    head->ifa_index = link;
    put_address(*message, IFA_LOCAL, address.address);
    put_address(*message, IFA_ADDRESS, address.address);
    MANDOS_TRY_IN(fmt::format("the address {} of interface {} cannot be {}", address.text(), link,
                              adds ? "added" : "removed"),
                  request(*message));
    return {};
}

Result<void> Changes::add_route(const core::Route& route) {
    return change_route(Change::Add, route);
}

Result<void> Changes::remove_route(const core::Route& route) {
    return change_route(Change::Remove, route);
}

Result<void> Changes::change_route(Change change, const core::Route& route) {
    const bool adds = change == Change::Add;
    alignas(nlmsghdr) std::array<char, request_size> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = adds ? RTM_NEWROUTE : RTM_DELROUTE;
    message->nlmsg_flags = adds ? NLM_F_CREATE | NLM_F_EXCL : 0;
    auto* head = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
    head->rtm_family = family_of(route.to.address);
    head->rtm_dst_len = route.to.prefix;
    head->rtm_table = RT_TABLE_MAIN;
    head->rtm_protocol = RTPROT_BOOT;
    head->rtm_scope = route.gateway || !route.to.address.is_ipv4() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    head->rtm_type = RTN_UNICAST;
    if (adds && route.gateway_is == core::Route::Gateway::OnLink)
        head->rtm_flags = RTNH_F_ONLINK;
    if (route.to.prefix > 0)
        put_address(*message, RTA_DST, route.to.address);
    if (route.gateway)
        put_address(*message, RTA_GATEWAY, *route.gateway);
    mnl_attr_put_u32(message, RTA_OIF, route.link);
    if (route.metric != 0)
        mnl_attr_put_u32(message, RTA_PRIORITY, route.metric);
    MANDOS_TRY_IN(fmt::format("the route to {}{} by interface {} cannot be {}", route.to.text(),
                              route.gateway ? " via " + route.gateway->text() : "", route.link,
                              adds ? "added" : "removed"),
                  request(*message));
    return {};
}

Result<std::uint32_t> Changes::make_vlan(const core::VlanSetting& vlan, std::uint32_t parent) {
    alignas(nlmsghdr) std::array<char, request_size> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = RTM_NEWLINK;
    message->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    (void)mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg));
    mnl_attr_put_strz(message, IFLA_IFNAME, vlan.name.c_str());
    mnl_attr_put_u32(message, IFLA_LINK, parent);
    nlattr* information = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_str(message, IFLA_INFO_KIND, "vlan");
    nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    mnl_attr_put_u16(message, IFLA_VLAN_ID, vlan.id);
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, information);
    const std::string what =
        fmt::format("VLAN {} of interface {} cannot be made", quoted(vlan.name), quoted(vlan.parent));
    MANDOS_TRY_IN(what, request(*message));
    const std::uint32_t index = if_nametoindex(vlan.name.c_str());
    if (index == 0)
        return fail_errno(errno, "{}: it was, but is not there", what);
    return index;
}

Result<void> Changes::remove_link(std::uint32_t link) {
    alignas(nlmsghdr) std::array<char, request_size> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = RTM_DELLINK;
    auto* head = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
    head->ifi_index = static_cast<int>(link);
    MANDOS_TRY_IN(fmt::format("interface {} cannot be removed", link), request(*message));
    return {};
}

} // namespace mandos::netlink
