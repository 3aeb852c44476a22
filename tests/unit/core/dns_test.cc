#include "core/dns.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/ip_address.h"

using mandos::core::DnsName;
using mandos::core::IpAddress;

using namespace std::string_view_literals;

namespace {

IpAddress ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return IpAddress::from_v4({static_cast<std::byte>(a), static_cast<std::byte>(b),
                               static_cast<std::byte>(c), static_cast<std::byte>(d)});
}

IpAddress ipv6(unsigned first, unsigned second, unsigned last) {
    IpAddress address;
    address.bytes[0] = static_cast<std::byte>(first);
    address.bytes[1] = static_cast<std::byte>(second);
    address.bytes[15] = static_cast<std::byte>(last);
    return address;
}

} // namespace

TEST(DnsName, IsNotMadeOfWhatIsNone) {
    for (const auto wire : {""sv, "\1"sv, "\1a"sv, "\1a\0x"sv, "\x40"sv, "\xc0\x0c"sv, "\0\0"sv})
        EXPECT_FALSE(DnsName::from_wire(wire)) << wire;
    EXPECT_FALSE(DnsName::from_wire(std::string(128, '\1') + std::string(127, 'a') + '\0'));
    std::string long_name;
    for (int i = 0; i < 4; ++i)
        long_name += '\x3f' + std::string(63, 'a');
    EXPECT_FALSE(DnsName::from_wire(long_name + '\0'));
}

TEST(DnsName, ComparesWithoutTheCaseOfAsciiLetters) { // RFC 6762 §16
    EXPECT_EQ((DnsName{"MANDOS", "_Tcp"}), (DnsName{"mandos", "_tCP"}));
    EXPECT_NE((DnsName{"ÄB"}), (DnsName{"äB"}));
    EXPECT_NE((DnsName{"a", "b"}), (DnsName{"a.b"}));
    EXPECT_NE((DnsName{"a"}), (DnsName{"a", "b"}));
    EXPECT_LT((DnsName{"A"}), (DnsName{"b"}));
    EXPECT_NE((DnsName{"["}), (DnsName{"{"}));
}

TEST(DnsName, TellsDotsOfLabelsFromDotsBetweenThem) {
    EXPECT_EQ((DnsName{"a.b", "c\\d"}.text()), "a\\.b.c\\\\d");
    EXPECT_EQ(DnsName({}).text(), ".");
}

TEST(DnsName, HasAParentUntilTheRoot) {
    const auto parent = DnsName{"a", "b"}.parent();
    ASSERT_TRUE(parent);
    EXPECT_EQ(*parent, DnsName{"b"});
    EXPECT_EQ(parent->parent(), DnsName({}));
    EXPECT_FALSE(DnsName({}).parent());
}

TEST(DnsNameDeathTest, IsOfLabelsThatFit) {
    EXPECT_DEATH((void)DnsName({""}), "1 to 63 bytes");
    EXPECT_DEATH((void)DnsName({std::string(64, 'a')}), "1 to 63 bytes");
}

TEST(IpAddress, TellsWhatNoHostIsReachedAt) {
    for (const IpAddress& address :
         {ipv4(0, 0, 0, 0), ipv4(0, 1, 2, 3), ipv4(127, 0, 0, 1), ipv4(224, 0, 0, 251),
          ipv4(255, 255, 255, 255), ipv6(0, 0, 0), ipv6(0, 0, 1), ipv6(0xff, 2, 0xfb)})
        EXPECT_FALSE(address.is_reachable_host()) << address.text();
    for (const IpAddress& address :
         {ipv4(192, 0, 2, 1), ipv4(169, 254, 1, 1), ipv6(0xfe, 0x80, 1), ipv6(0xfd, 0, 1), ipv6(0x20, 1, 1)})
        EXPECT_TRUE(address.is_reachable_host()) << address.text();
}

TEST(IpAddress, KnowsItsKind) {
    EXPECT_TRUE(ipv6(0xfe, 0x80, 1).is_ipv6_link_local());
    EXPECT_TRUE(ipv6(0xfe, 0xbf, 1).is_ipv6_link_local());
    EXPECT_FALSE(ipv6(0xfe, 0xc0, 1).is_ipv6_link_local());
    EXPECT_FALSE(ipv4(169, 254, 1, 1).is_ipv6_link_local());
    EXPECT_TRUE(ipv4(1, 2, 3, 4).is_ipv4());
    EXPECT_EQ(ipv4(1, 2, 3, 4).text(), "1.2.3.4");
    EXPECT_EQ(ipv6(0xfe, 0x80, 1).text(), "fe80::1");
}
