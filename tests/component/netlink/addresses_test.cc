// Addresses, routes by gateways and VLANs, in a network namespace of the test's. This kernel may have no
// VLANs: what is tested of them here is what is refused.
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <net/if.h>
#include <unistd.h>

#include <fmt/core.h>

#include "adapters/netlink/changes.h"
#include "base/error.h"
#include "core/addressing.h"
#include "core/network_settings.h"
#include "tests/component/netlink/ip.h"

using mandos::ErrorKind;
using mandos::core::Route;
using mandos::core::Subnet;
using mandos::netlink::Changes;
using mandos::support::address_of;
using mandos::support::ip;

namespace {

class NetlinkAddresses : public mandos::support::OwnNetwork {};

} // namespace

TEST_F(NetlinkAddresses, WhoHasNoRightMakesNoAddressesOrVlans) {
    ip("link add one type veth peer name two");
    const std::uint32_t one = if_nametoindex("one");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    ASSERT_EQ(seteuid(65534), 0);
    const auto address = changes->add_address(one, {.address = address_of("192.0.2.5"), .prefix = 24});
    const auto vlan = changes->make_vlan({.name = "one.5", .parent = "one", .id = 5}, one);
    ASSERT_EQ(seteuid(0), 0);
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().kind(), ErrorKind::Denied) << address.error().text();
    ASSERT_FALSE(vlan);
    EXPECT_EQ(vlan.error().kind(), ErrorKind::Denied) << vlan.error().text();
    EXPECT_EQ(ip("-4 address show dev one"), "");
}

TEST_F(NetlinkAddresses, ErrorsAboutAddressesAndRoutesSayWhatTheKernelSays) {
    ip("link add one type veth peer name two");
    ip("link set one up");
    const std::uint32_t one = if_nametoindex("one");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    const auto route = changes->add_route({.link = one,
                                           .to = {.address = address_of("198.51.100.0"), .prefix = 24},
                                           .gateway = address_of("192.0.2.1")});
    ASSERT_FALSE(route);
    EXPECT_NE(route.error().text().find("the route to 198.51.100.0/24 via 192.0.2.1 by interface"),
              std::string::npos)
        << route.error().text();
    EXPECT_NE(route.error().text().find("gateway"), std::string::npos) << route.error().text();
    const auto address = changes->add_address(4711, {.address = address_of("192.0.2.5"), .prefix = 24});
    ASSERT_FALSE(address);
    EXPECT_NE(address.error().text().find("192.0.2.5/24 of interface 4711 cannot be added"),
              std::string::npos)
        << address.error().text();
    const auto vlan = changes->make_vlan({.name = "lo", .parent = "one", .id = 5}, one);
    ASSERT_FALSE(vlan);
    EXPECT_NE(vlan.error().text().find(R"(VLAN "lo" of interface "one" cannot be made)"), std::string::npos)
        << vlan.error().text();
}

TEST_F(NetlinkAddresses, AddressesAreUsableAtOnceAndGoAgain) {
    ip("link add one type veth peer name two");
    ip("link set one up");
    ip("link set two up");
    const std::uint32_t one = if_nametoindex("one");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    for (const Subnet& subnet : {Subnet{.address = address_of("192.0.2.5"), .prefix = 25},
                                 Subnet{.address = address_of("2001:db8::5"), .prefix = 56}}) {
        ASSERT_TRUE(changes->add_address(one, subnet));
        const std::string shown = ip("address show dev one scope global");
        EXPECT_NE(shown.find(subnet.text()), std::string::npos) << shown;
        EXPECT_EQ(shown.find("tentative"), std::string::npos) << shown;
        const auto again = changes->add_address(one, subnet);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code(), EEXIST) << again.error().text();
        ASSERT_TRUE(changes->remove_address(one, subnet));
        EXPECT_EQ(ip("address show dev one scope global"), "");
        const auto twice = changes->remove_address(one, subnet);
        ASSERT_FALSE(twice);
        EXPECT_EQ(twice.error().code(), EADDRNOTAVAIL) << twice.error().text();
    }
}

TEST_F(NetlinkAddresses, RoutesByAGateway) {
    ip("link add one type veth peer name two");
    ip("link set one up");
    ip("link set two up");
    ip("address add 192.0.2.5/24 dev one");
    ip("address add 2001:db8::5/64 dev one nodad");
    const std::uint32_t one = if_nametoindex("one");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    const Route ipv4{.link = one,
                     .to = {.address = address_of("0.0.0.0")},
                     .gateway = address_of("192.0.2.1"),
                     .metric = 512};
    const Route outside{.link = one,
                        .to = {.address = address_of("198.51.100.0"), .prefix = 24},
                        .gateway = address_of("203.0.113.1"),
                        .gateway_is = Route::Gateway::OnLink};
    const Route ipv6{.link = one, .to = {}, .gateway = address_of("2001:db8::1"), .metric = 512};
    for (const auto& [route, shown] :
         {std::pair(ipv4, "default via 192.0.2.1 dev one proto boot scope global metric 512"),
          std::pair(outside, "198.51.100.0/24 via 203.0.113.1 dev one proto boot scope global onlink"),
          std::pair(ipv6, "default via 2001:db8::1 dev one proto boot scope global metric 512")}) {
        const std::string list =
            fmt::format("-details {} route show", route.to.address.is_ipv4() ? "-4" : "-6");
        ASSERT_TRUE(changes->add_route(route));
        EXPECT_NE(ip(list).find(shown), std::string::npos) << ip(list);
        const auto again = changes->add_route(route);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code(), EEXIST) << again.error().text();
        ASSERT_TRUE(changes->remove_route(route));
        EXPECT_EQ(ip(list).find(shown), std::string::npos) << ip(list);
        const auto twice = changes->remove_route(route);
        ASSERT_FALSE(twice);
        EXPECT_EQ(twice.error().code(), ESRCH) << twice.error().text();
    }
}

TEST_F(NetlinkAddresses, RemovesAnInterface) {
    ip("link add one type veth peer name two");
    auto changes = Changes::open();
    ASSERT_TRUE(changes);
    ASSERT_TRUE(changes->remove_link(if_nametoindex("one")));
    EXPECT_EQ(if_nametoindex("one"), 0U);
}
