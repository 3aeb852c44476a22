#include "core/peer_address.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>

using mandos::core::PeerAddress;

namespace {

PeerAddress peer(const char* ip, std::uint16_t port) {
    PeerAddress address{.port = port};
    EXPECT_EQ(inet_pton(AF_INET6, ip, address.ip.data()), 1) << ip;
    return address;
}

} // namespace

TEST(PeerAddress, IsWrittenAsPeopleWriteIt) {
    EXPECT_EQ(peer("::ffff:192.0.2.7", 4711).text(), "192.0.2.7:4711");
    EXPECT_EQ(peer("2001:db8::1", 4711).text(), "[2001:db8::1]:4711");
    EXPECT_EQ(peer("::1", 1).host(), "::1");
}

TEST(PeerAddress, NamesTheInterfaceOfALinkLocalOne) {
    PeerAddress address = peer("fe80::1", 4711);
    address.scope = "eth0";
    EXPECT_EQ(address.text(), "[fe80::1%eth0]:4711");
    EXPECT_EQ(address.host(), "fe80::1%eth0");
}

TEST(PeerAddress, KnowsWhatNoOtherMachineReaches) {
    for (const char* ip : {"::1", "::ffff:127.0.0.1", "::ffff:127.255.0.9"})
        EXPECT_TRUE(peer(ip, 1).is_loopback()) << ip;
    for (const char* ip :
         {"::", "::2", "::ffff:0.0.0.0", "::ffff:128.0.0.1", "fe80::1", "2001:db8::1", "1::1"})
        EXPECT_FALSE(peer(ip, 1).is_loopback()) << ip;
}
