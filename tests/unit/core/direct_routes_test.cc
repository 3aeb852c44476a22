#include "core/direct_routes.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "core/ip_address.h"
#include "core/limits.h"

using mandos::ErrorKind;
using mandos::core::DirectRoutes;
using mandos::core::IpAddress;
using Route = DirectRoutes::Route;
using Verdict = DirectRoutes::Verdict;
namespace limits = mandos::core::limits;

namespace {

IpAddress v4(std::uint8_t first, std::uint8_t second) {
    return IpAddress::from_v4({std::byte{first}, std::byte{second}, std::byte{2}, std::byte{1}});
}

IpAddress v6(std::uint8_t first, std::uint8_t second, std::size_t last = 1) {
    IpAddress address;
    address.bytes[0] = std::byte{first};
    address.bytes[1] = std::byte{second};
    address.bytes[14] = static_cast<std::byte>(last >> 8);
    address.bytes[15] = static_cast<std::byte>(last);
    return address;
}

} // namespace

TEST(DirectRoutes, WhoAsksForWhatNoServerNeedsIsNotTrusted) {
    DirectRoutes routes;
    routes.link_came(2);
    for (const IpAddress& address : {v4(127, 0), v4(0, 0), v4(224, 0), v4(255, 255), v4(169, 254),
                                     v6(0xfe, 0x80), v6(0xff, 0x02), v6(0, 0), IpAddress{}}) {
        const auto verdict = routes.may_add({.link = 2, .address = address});
        ASSERT_FALSE(verdict) << address.text();
        EXPECT_EQ(verdict.error().kind(), ErrorKind::Invalid);
    }
}

TEST(DirectRoutes, NoneByALinkThatIsNotThere) {
    DirectRoutes routes;
    EXPECT_EQ(routes.may_add({.link = 2, .address = v6(0xfd, 0)}).value(), Verdict::No);
    routes.link_came(2);
    EXPECT_EQ(routes.may_add({.link = 2, .address = v6(0xfd, 0)}).value(), Verdict::Yes);
    EXPECT_EQ(routes.may_add({.link = 3, .address = v6(0xfd, 0)}).value(), Verdict::No);
}

TEST(DirectRoutes, NoMoreThanTheLimit) {
    DirectRoutes routes;
    routes.link_came(2);
    for (std::size_t i = 0; i < limits::direct_routes; ++i) {
        const Route route{.link = 2, .address = v6(0xfd, 0, i + 1)};
        EXPECT_EQ(routes.may_add(route).value(), Verdict::Yes);
        routes.added(route);
    }
    const Route more{.link = 2, .address = v4(192, 0)};
    EXPECT_EQ(routes.may_add(more).value(), Verdict::No);
    routes.removed({.link = 2, .address = v6(0xfd, 0, 1)});
    EXPECT_EQ(routes.may_add(more).value(), Verdict::Yes);
}

TEST(DirectRoutes, OneThatIsThereIsNotAddedAgain) {
    DirectRoutes routes;
    routes.link_came(2);
    const Route route{.link = 2, .address = v4(10, 0)};
    routes.added(route);
    EXPECT_EQ(routes.may_add(route).value(), Verdict::ThereAlready);
    EXPECT_TRUE(routes.has(route));
}

TEST(DirectRoutes, GoWithTheirLink) {
    DirectRoutes routes;
    routes.link_came(2);
    routes.link_came(3);
    const Route first{.link = 2, .address = v4(10, 0)};
    const Route second{.link = 3, .address = v4(10, 0)};
    routes.added(first);
    routes.added(second);
    EXPECT_EQ(routes.link_left(2), std::vector<Route>{first});
    EXPECT_FALSE(routes.has(first));
    EXPECT_EQ(routes.routes(), std::vector<Route>{second});
}
