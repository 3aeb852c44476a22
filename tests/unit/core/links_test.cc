// Which interfaces are used, and each cell of the table of core/links.h.
#include "core/links.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/limits.h"
#include "core/time.h"

using mandos::core::Links;
using mandos::core::Time;
namespace limits = mandos::core::limits;
using std::chrono::milliseconds;

namespace {

using Actions = Links::Actions;

constexpr milliseconds delay(2500);
const Time start = Time() + std::chrono::hours(1);

Links::Link ethernet(std::uint32_t index, std::string name) {
    return {.index = index, .name = std::move(name), .broadcast = true, .arp = true};
}
Links::Link up(Links::Link link) {
    link.up = true;
    return link;
}
Links::Link running(Links::Link link) {
    link.up = true;
    link.carrier = true;
    return link;
}

Links links(std::vector<std::string> names = {}, Links::Servers servers = Links::Servers::LookedFor) {
    return Links({.names = std::move(names), .servers = servers, .delay = delay});
}

const Links::Link eth0 = ethernet(2, "eth0");
const Actions bring_up{Links::BringUp{2}};
const Actions came{Links::Came{.index = 2, .name = "eth0"}};
const Actions left{Links::Left{2}};
const Actions take_down{Links::TakeDown{2}};
const Actions nothing;

} // namespace

TEST(LinksAreChosen, NotLoopbackNorWhatHasNoBroadcastOrArp) {
    Links all = links();
    EXPECT_EQ(all.seen({.index = 1, .name = "lo", .loopback = true, .arp = true}, start), nothing);
    EXPECT_EQ(all.seen({.index = 3, .name = "tun0", .point_to_point = true}, start), nothing);
    EXPECT_EQ(all.seen({.index = 4, .name = "dummy0", .broadcast = true}, start), nothing);
    EXPECT_EQ(all.seen({.index = 5, .name = "ib0", .arp = true}, start), nothing);
    EXPECT_EQ(all.seen(eth0, start), bring_up);
}

TEST(LinksAreChosen, WithAGivenServerThoseTooButNeverLoopback) {
    Links all = links({}, Links::Servers::Given);
    EXPECT_EQ(all.seen({.index = 3, .name = "tun0", .point_to_point = true}, start),
              (Actions{Links::BringUp{3}}));
    EXPECT_EQ(all.seen({.index = 1, .name = "lo", .up = true, .carrier = true, .loopback = true}, start),
              nothing);
}

TEST(LinksAreChosen, WhatIsNamedAndNothingElse) {
    Links named = links({"eth1", "lo"});
    EXPECT_EQ(named.seen(eth0, start), nothing);
    EXPECT_EQ(named.seen(ethernet(3, "eth1"), start), (Actions{Links::BringUp{3}}));
    EXPECT_EQ(named.seen({.index = 1, .name = "lo", .loopback = true}, start), (Actions{Links::BringUp{1}}));
}

TEST(LinksAreChosen, WhatStandsBehindNoneIsUsedAsItIs) {
    Links named = links({"eth1", "none", "eth0"});
    EXPECT_EQ(named.seen(eth0, start), nothing);
    EXPECT_EQ(named.seen(running(eth0), start), came);
    EXPECT_EQ(named.seen(ethernet(3, "eth1"), start), (Actions{Links::BringUp{3}}));
    EXPECT_EQ(named.end(), (Actions{Links::TakeDown{3}}));
}

TEST(LinksAreChosen, NoneAloneIsNone) {
    Links named = links({"none"});
    EXPECT_EQ(named.seen(running(eth0), start), nothing);
    EXPECT_EQ(named.seen(running(ethernet(3, "none")), start), nothing);
}

TEST(LinksAreChosen, AndBroughtUpWhenTheirNameIsSettled) {
    Links all = links();
    Links::Link unsettled = eth0;
    unsettled.settled = false;
    EXPECT_EQ(all.seen(unsettled, start), nothing);
    EXPECT_EQ(all.seen(unsettled, start + milliseconds(10)), nothing);
    EXPECT_EQ(all.seen(eth0, start + milliseconds(20)), bring_up);
    EXPECT_EQ(all.end(), take_down);
}

TEST(LinksAreChosen, AndBroughtUpWhenNobodySettlesThem) {
    Links all = links();
    Links::Link unsettled = eth0;
    unsettled.settled = false;
    EXPECT_EQ(all.seen(unsettled, start), nothing);
    EXPECT_EQ(all.next(), start + limits::device_manager_time);
    EXPECT_EQ(all.seen(unsettled, start + milliseconds(10)), nothing);
    EXPECT_EQ(all.next(), start + limits::device_manager_time);
    EXPECT_EQ(all.pass(start + limits::device_manager_time - milliseconds(1)), nothing);
    EXPECT_EQ(all.pass(start + limits::device_manager_time), bring_up);
}

TEST(LinksAreChosen, AsTheyAreWhereOthersHaveBroughtThemUp) {
    Links all = links();
    Links::Link unsettled = running(eth0);
    unsettled.settled = false;
    EXPECT_EQ(all.seen(unsettled, start), came);
}

TEST(LinksAreChosen, ByTheNameThatTheyHaveNow) {
    Links named = links({"eth0"});
    EXPECT_EQ(named.seen(running(eth0), start), came);
    EXPECT_EQ(named.seen(running(ethernet(2, "renamed")), start), left);
    EXPECT_EQ(named.seen(running(eth0), start), came);
}

TEST(Link, IsBroughtUpOnceAndComesWithItsCarrier) {
    Links all = links();
    EXPECT_EQ(all.seen(eth0, start), bring_up);
    EXPECT_EQ(all.seen(eth0, start), nothing); // the kernel has not done it yet
    EXPECT_EQ(all.seen(up(eth0), start), nothing);
    EXPECT_EQ(all.ready(), 0U);
    EXPECT_EQ(all.seen(running(eth0), start), came);
    EXPECT_EQ(all.seen(running(eth0), start), nothing);
    EXPECT_EQ(all.ready(), 1U);
    EXPECT_EQ(all.end(), take_down);
}

TEST(Link, ThatIsUpIsLeftAsItIsAtTheEnd) {
    Links all = links();
    EXPECT_EQ(all.seen(running(eth0), start), came);
    EXPECT_EQ(all.end(), nothing);
}

TEST(Link, WithoutCarrierIsUsedAfterTheDelay) {
    Links all = links();
    EXPECT_EQ(all.seen(eth0, start), bring_up);
    EXPECT_EQ(all.seen(up(eth0), start), nothing);
    EXPECT_EQ(all.next(), std::optional(start + delay));
    EXPECT_EQ(all.pass(start + delay - milliseconds(1)), nothing);
    EXPECT_EQ(all.seen(up(eth0), start + milliseconds(1)), nothing); // does not begin anew
    EXPECT_EQ(all.pass(start + delay), came);
    EXPECT_EQ(all.next(), std::nullopt);
    EXPECT_EQ(all.seen(up(eth0), start + delay), nothing); // none is missed
    EXPECT_EQ(all.seen(running(eth0), start + delay), nothing);
    EXPECT_EQ(all.seen(up(eth0), start + delay), left); // now it had one
}

TEST(Link, WhoseCableIsPulledLeavesAndComesBack) {
    Links all = links();
    EXPECT_EQ(all.seen(running(eth0), start), came);
    EXPECT_EQ(all.seen(up(eth0), start), left);
    EXPECT_EQ(all.seen(up(eth0), start), nothing);
    EXPECT_EQ(all.seen(running(eth0), start), came);
}

TEST(Link, ThatOthersTakeDownIsNotBroughtUpAgain) {
    Links all = links();
    EXPECT_EQ(all.seen(eth0, start), bring_up);
    EXPECT_EQ(all.seen(running(eth0), start), came);
    EXPECT_EQ(all.seen(eth0, start), left);
    EXPECT_EQ(all.seen(eth0, start), nothing);
    EXPECT_EQ(all.pass(start + delay), nothing);
    EXPECT_EQ(all.seen(up(eth0), start), nothing);
    EXPECT_EQ(all.seen(running(eth0), start), came);
}

TEST(Link, ThatCannotBeBroughtUpIsNotTriedAgainNorTakenDown) {
    Links all = links();
    EXPECT_EQ(all.seen(eth0, start), bring_up);
    all.failed(2);
    EXPECT_EQ(all.seen(eth0, start), nothing);
    EXPECT_EQ(all.seen(running(eth0), start), came); // somebody else could
    EXPECT_EQ(all.end(), nothing);
}

TEST(Link, ThatGoesIsForgottenAndNewWhenItComesBack) {
    Links all = links();
    EXPECT_EQ(all.seen(eth0, start), bring_up);
    EXPECT_EQ(all.seen(running(eth0), start), came);
    EXPECT_EQ(all.gone(2), left);
    EXPECT_EQ(all.gone(2), nothing);
    EXPECT_EQ(all.end(), nothing);
    EXPECT_EQ(all.seen(eth0, start), bring_up);
    EXPECT_EQ(all.end(), take_down);
}

TEST(Link, ComesAgainWithEachAddressOnceItIsReady) {
    Links all = links();
    EXPECT_EQ(all.has_address(2), nothing);
    EXPECT_EQ(all.seen(up(eth0), start), nothing);
    EXPECT_EQ(all.has_address(2), nothing);
    EXPECT_EQ(all.seen(running(eth0), start), came);
    EXPECT_EQ(all.has_address(2), came);
    EXPECT_EQ(all.has_address(2), came);
}

TEST(LinksEnd, InTheReverseOrder) {
    Links all = links();
    (void)all.seen(eth0, start);
    (void)all.seen(ethernet(3, "eth1"), start);
    (void)all.seen(running(ethernet(4, "eth2")), start);
    EXPECT_EQ(all.end(), (Actions{Links::TakeDown{3}, Links::TakeDown{2}}));
    EXPECT_EQ(all.end(), nothing);
}
