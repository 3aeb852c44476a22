// Each row of the table of core/addressing.h, and that only what was done is undone.
#include "core/addressing.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "core/ip_address.h"
#include "core/network_settings.h"

using mandos::core::Addressing;
using mandos::core::AddressingSettings;
using mandos::core::AddressSetting;
using mandos::core::Beyond;
using mandos::core::IpAddress;
using mandos::core::Lease;
using mandos::core::NetworkSettings;
using mandos::core::Route;
using mandos::core::Subnet;

namespace {

using Actions = Addressing::Actions;
using Method = AddressSetting::Method;

IpAddress address(const char* text) {
    IpAddress address;
    std::array<std::byte, 4> four{};
    if (inet_pton(AF_INET, text, four.data()) == 1)
        return IpAddress::from_v4(four);
    EXPECT_EQ(inet_pton(AF_INET6, text, address.bytes.data()), 1) << text;
    return address;
}
Subnet subnet(const char* text, std::uint8_t prefix) {
    return {.address = address(text), .prefix = prefix};
}

AddressSetting fixed(std::string device = {}) {
    return {.method = Method::Static,
            .device = std::move(device),
            .address = subnet("192.0.2.5", 24),
            .gateway = address("192.0.2.1")};
}
AddressSetting by(Method method, std::string device = {}) {
    return {.method = method, .device = std::move(device)};
}

Addressing with(NetworkSettings wanted, Beyond needed = Beyond::Nothing) {
    return Addressing({.wanted = std::move(wanted), .needed = needed});
}
Addressing with(std::vector<AddressSetting> addresses, Beyond needed = Beyond::Nothing) {
    return with(NetworkSettings{.addresses = std::move(addresses)}, needed);
}

Route default_route(std::uint32_t link, const char* gateway, std::uint32_t metric) {
    const IpAddress to = address(gateway).is_ipv4() ? address("0.0.0.0") : address("::");
    return {.link = link, .to = {.address = to}, .gateway = address(gateway), .metric = metric};
}

const Actions nothing;
const Actions fixed_on_2{Addressing::AddAddress{.link = 2, .address = subnet("192.0.2.5", 24)},
                         Addressing::AddRoute{default_route(2, "192.0.2.1", 512)}};
const Actions asked_on_2{Addressing::AskDhcp{.link = 2, .name = "eth0"}};
const Lease lease{.address = subnet("192.0.2.50", 24), .gateway = address("192.0.2.1")};

} // namespace

TEST(Addressing, DoesNothingWhereNothingIsWanted) {
    Addressing bare = with(std::vector<AddressSetting>{});
    EXPECT_EQ(bare.seen(2, "eth0", true), nothing);
    EXPECT_EQ(bare.came(2, "eth0"), nothing);
    EXPECT_EQ(bare.listed(), nothing);
    EXPECT_EQ(bare.end(), nothing);
}

TEST(Addressing, LeavesOtherInterfacesAsTheyAre) {
    Addressing one = with({fixed("eth1"), by(Method::Dhcp, "eth2")}, Beyond::Ipv4);
    EXPECT_EQ(one.seen(2, "eth0", true), nothing);
    EXPECT_EQ(one.listed(), nothing);
    EXPECT_EQ(one.came(2, "eth0"), nothing);
}

TEST(Addressing, DoesNotAskDhcpWhereThatIsOff) {
    for (const Method method : {Method::Nothing, Method::Advertised}) {
        Addressing off = with({by(method)}, Beyond::Ipv4);
        (void)off.listed();
        EXPECT_EQ(off.came(2, "eth0"), nothing);
        Addressing off_here = with({by(method, "eth0"), by(Method::Dhcp)}, Beyond::Ipv4);
        (void)off_here.listed();
        EXPECT_EQ(off_here.came(2, "eth0"), nothing);
        EXPECT_NE(off_here.came(3, "eth1"), nothing);
    }
}

TEST(Addressing, AStaticAddressWithADeviceComesWithTheInterface) {
    Addressing one = with({fixed("eth0")});
    EXPECT_EQ(one.seen(2, "eth0", false), nothing);
    EXPECT_EQ(one.seen(2, "eth0", true), fixed_on_2);
    EXPECT_EQ(one.seen(2, "eth0", true), nothing);
    EXPECT_EQ(one.came(2, "eth0"), nothing);
}

TEST(Addressing, AStaticAddressWithoutADeviceIsOfTheFirstThatIsUsable) {
    Addressing one = with({fixed()});
    EXPECT_EQ(one.seen(3, "eth1", true), nothing);
    EXPECT_EQ(one.came(2, "eth0"), fixed_on_2);
    EXPECT_EQ(one.came(3, "eth1"), nothing);
}

TEST(Addressing, AGatewayOutsideOfTheNetworkIsOnTheLink) {
    AddressSetting hosted = fixed("eth0");
    hosted.address->prefix = 32;
    hosted.gateway = address("198.51.100.1");
    const Actions actions = with({hosted}).seen(2, "eth0", true);
    ASSERT_EQ(actions.size(), 2U);
    EXPECT_EQ(std::get<Addressing::AddRoute>(actions[1]).route.gateway_is, Route::Gateway::OnLink);

    hosted.address = subnet("2001:db8::5", 128);
    hosted.gateway = address("fe80::1"); // which is always on the link
    const Actions ipv6 = with({hosted}).seen(2, "eth0", true);
    EXPECT_EQ(ipv6[1], (Addressing::Action(Addressing::AddRoute{default_route(2, "fe80::1", 512)})));
}

TEST(Addressing, DhcpIsAskedOnEachThatIsUsable) {
    Addressing all = with({by(Method::Dhcp)});
    (void)all.listed();
    EXPECT_EQ(all.seen(2, "eth0", true), nothing);
    EXPECT_EQ(all.came(2, "eth0"), asked_on_2);
    EXPECT_EQ(all.came(2, "eth0"), nothing); // has another address now
    EXPECT_EQ(all.came(3, "eth1"), (Actions{Addressing::AskDhcp{.link = 3, .name = "eth1"}}));
    const Actions made{Addressing::AddAddress{.link = 2, .address = lease.address},
                       Addressing::AddRoute{default_route(2, "192.0.2.1", 2050)}};
    EXPECT_EQ(all.leased(2, lease), made);
    EXPECT_EQ(all.leased(2, lease), nothing);
    EXPECT_EQ(all.end(), (Actions{Addressing::StopDhcp{3}}));
}

TEST(Addressing, DhcpIsAskedByItselfOnlyWhereIpv4BeyondTheLinkIsNeeded) {
    Addressing link_only = with(std::vector<AddressSetting>{});
    (void)link_only.listed();
    EXPECT_EQ(link_only.came(2, "eth0"), nothing);

    Addressing beyond = with(std::vector<AddressSetting>{}, Beyond::Ipv4);
    EXPECT_EQ(beyond.came(2, "eth0"), nothing); // its addresses are not known yet
    EXPECT_EQ(beyond.came(3, "eth1"), nothing);
    beyond.has_address(3, address("192.0.2.7"));
    beyond.has_address(2, address("fe80::7"));
    EXPECT_EQ(beyond.listed(), asked_on_2);
}

TEST(Addressing, DhcpIsGivenUpWithTheInterface) {
    Addressing one = with({by(Method::Dhcp)});
    (void)one.listed();
    EXPECT_EQ(one.came(2, "eth0"), asked_on_2);
    EXPECT_EQ(one.seen(2, "eth0", false), (Actions{Addressing::StopDhcp{2}}));
    EXPECT_EQ(one.leased(2, lease), nothing); // was on its way
    EXPECT_EQ(one.came(2, "eth0"), asked_on_2);
    EXPECT_EQ(one.gone(2), (Actions{Addressing::StopDhcp{2}}));
    EXPECT_EQ(one.end(), nothing);
}

TEST(Addressing, AVlanIsMadeWhenItsParentIsUpAndIsTheOneThatIsUsed) {
    const Addressing::MakeVlan made{.vlan = {.name = "eth0.5", .parent = "eth0", .id = 5}, .parent = 2};
    Addressing tagged = with({.addresses = {fixed()}, .vlans = {made.vlan}}, Beyond::Ipv4);
    (void)tagged.listed();
    EXPECT_EQ(tagged.seen(2, "eth0", false), nothing);
    EXPECT_EQ(tagged.seen(2, "eth0", true), (Actions{made}));
    EXPECT_EQ(tagged.seen(2, "eth0", true), nothing);
    EXPECT_EQ(tagged.came(2, "eth0"), nothing);
    tagged.did(Addressing::RemoveVlan{3});
    EXPECT_EQ(tagged.came(3, "eth0.5").size(), 2U);
    EXPECT_EQ(tagged.end(), (Actions{Addressing::RemoveVlan{3}}));
}

TEST(Addressing, AVlanThatIsGoneWithItsParentIsMadeAgainWithIt) {
    const Addressing::MakeVlan made{.vlan = {.name = "eth0.5", .parent = "eth0", .id = 5}, .parent = 2};
    Addressing tagged = with(NetworkSettings{.vlans = {made.vlan}});
    (void)tagged.seen(2, "eth0", true);
    tagged.did(Addressing::RemoveVlan{3});
    (void)tagged.seen(3, "eth0.5", true);
    (void)tagged.gone(3);
    (void)tagged.gone(2);
    EXPECT_EQ(tagged.seen(4, "eth0", true), (Actions{Addressing::MakeVlan{.vlan = made.vlan, .parent = 4}}));
    EXPECT_EQ(tagged.end(), nothing);
}

TEST(Addressing, RoutesComeBehindTheAddressesThatTheyTake) {
    const mandos::core::RouteSetting named{
        .to = subnet("198.51.100.0", 24), .gateway = address("192.0.2.9"), .device = "eth0"};
    mandos::core::RouteSetting unnamed = named;
    unnamed.device.clear();
    for (const auto& setting : {named, unnamed}) {
        Addressing one = with({.addresses = {fixed("eth0")}, .routes = {setting}});
        EXPECT_EQ(one.seen(3, "eth1", true), nothing);
        const Actions actions = one.seen(2, "eth0", true);
        ASSERT_EQ(actions.size(), 3U);
        EXPECT_EQ(actions[2], (Addressing::Action(Addressing::AddRoute{
                                  {.link = 2, .to = named.to, .gateway = named.gateway, .metric = 512}})));
    }
    Addressing leased = with({.addresses = {by(Method::Dhcp)}, .routes = {unnamed}});
    (void)leased.listed();
    EXPECT_EQ(leased.came(2, "eth0"), asked_on_2);
    EXPECT_EQ(leased.leased(2, lease).size(), 3U);
}

TEST(Addressing, AllIsMadeAgainWhenAnInterfaceWasDown) {
    Addressing one = with({fixed("eth0")});
    EXPECT_EQ(one.seen(2, "eth0", true), fixed_on_2);
    EXPECT_EQ(one.seen(2, "eth0", false), nothing);
    EXPECT_EQ(one.seen(2, "eth0", true), fixed_on_2);

    Addressing leased = with({by(Method::Dhcp)});
    (void)leased.listed();
    (void)leased.came(2, "eth0");
    const Actions made = leased.leased(2, lease);
    (void)leased.seen(2, "eth0", false);
    EXPECT_EQ(leased.came(2, "eth0"), made); // without asking again
}

TEST(AddressingEnd, UndoesWhatWasDoneInTheReverseOrderAndOnce) {
    Addressing one = with({fixed("eth0")});
    (void)one.seen(2, "eth0", true);
    const Addressing::RemoveAddress address_undone{.link = 2, .address = subnet("192.0.2.5", 24)};
    const Addressing::RemoveRoute route_undone{default_route(2, "192.0.2.1", 512)};
    for (int twice = 0; twice < 2; ++twice) {
        one.did(address_undone);
        one.did(route_undone);
    }
    EXPECT_EQ(one.end(), (Actions{route_undone, address_undone}));
    EXPECT_EQ(one.end(), nothing);
}

TEST(AddressingEnd, LeavesWhatWasThereAlready) {
    Addressing one = with({fixed("eth0")});
    EXPECT_EQ(one.seen(2, "eth0", true), fixed_on_2);
    EXPECT_EQ(one.end(), nothing); // nobody said that it was done
}

TEST(AddressingEnd, ForgetsWhatWentWithTheInterface) {
    Addressing one = with({fixed("eth0")});
    (void)one.seen(2, "eth0", true);
    one.did(Addressing::RemoveAddress{.link = 2, .address = subnet("192.0.2.5", 24)});
    (void)one.gone(2);
    EXPECT_EQ(one.end(), nothing);
}

TEST(DevicesOfSettings, AreUsedBesideThoseThatAreNamed) {
    const NetworkSettings settings{.addresses = {fixed("eth1"), fixed()},
                                   .vlans = {{.name = "eth0.5", .parent = "eth0", .id = 5}},
                                   .routes = {{.to = subnet("198.51.100.0", 24), .device = "eth2"}}};
    EXPECT_EQ(mandos::core::with_devices_of(settings, {}), std::vector<std::string>{});
    EXPECT_EQ(mandos::core::with_devices_of(settings, {"eth1", "none"}),
              (std::vector<std::string>{"eth0", "eth0.5", "eth2", "eth1", "none"}));
}

TEST(Subnet, HasWhatHasItsPrefix) {
    EXPECT_TRUE(subnet("192.0.2.5", 24).contains(address("192.0.2.255")));
    EXPECT_FALSE(subnet("192.0.2.5", 24).contains(address("192.0.3.5")));
    EXPECT_FALSE(subnet("0.0.0.0", 0).contains(address("2001:db8::1")));
    EXPECT_TRUE(subnet("0.0.0.0", 0).contains(address("203.0.113.1")));
    EXPECT_TRUE(subnet("2001:db8::5", 33).contains(address("2001:db8:7fff::1")));
    EXPECT_FALSE(subnet("2001:db8::5", 33).contains(address("2001:db8:8000::1")));
    EXPECT_EQ(subnet("192.0.2.77", 26).network(), subnet("192.0.2.64", 26));
    EXPECT_EQ(subnet("2001:db8:ffff::1", 33).network().text(), "2001:db8:8000::/33");
}
