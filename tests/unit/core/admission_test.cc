#include "core/admission.h"

#include <cstddef>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "core/peer_address.h"

using mandos::ErrorKind;
using mandos::core::Admission;
using mandos::core::PeerAddress;

namespace {

PeerAddress peer(const std::string& ip) {
    PeerAddress address{.port = 1};
    EXPECT_EQ(inet_pton(AF_INET6, ip.c_str(), address.ip.data()), 1) << ip;
    return address;
}

constexpr Admission::Limits few{.in_all = 6, .from_one_address = 2, .from_one_network = 4};

} // namespace

TEST(Admission, TurnsAwayTheOneThatIsTooManyFromItsAddress) {
    Admission admission(few);
    EXPECT_TRUE(admission.enter(peer("2001:db8::1")));
    EXPECT_TRUE(admission.enter(peer("2001:db8::1")));
    const auto third = admission.enter(peer("2001:db8::1"));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind(), ErrorKind::Exhausted);
    EXPECT_EQ(third.error().text(), "the limit of 2 connections from one address is reached");
    EXPECT_TRUE(admission.enter(peer("2001:db8::2")));
}

TEST(Admission, TurnsAwayANetworkThatUsesAllOfItsAddresses) {
    Admission admission(few);
    for (const char* ip : {"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"})
        EXPECT_TRUE(admission.enter(peer(ip)));
    EXPECT_EQ(admission.enter(peer("2001:db8::5")).error().text(),
              "the limit of 4 connections from one network is reached");
    EXPECT_TRUE(admission.enter(peer("2001:db8:0:1::1")));
}

TEST(Admission, CountsIpv4NetworksByTheirFirst24Bits) {
    Admission admission(few);
    for (const char* ip : {"::ffff:192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3", "::ffff:192.0.2.4"})
        EXPECT_TRUE(admission.enter(peer(ip)));
    EXPECT_FALSE(admission.enter(peer("::ffff:192.0.2.5")));
    EXPECT_TRUE(admission.enter(peer("::ffff:192.0.3.1")));
}

TEST(Admission, TurnsEverybodyAwayWhenFull) {
    Admission admission(few);
    for (const char* ip : {"1::1", "2::1", "3::1", "4::1", "5::1", "6::1"})
        EXPECT_TRUE(admission.enter(peer(ip)));
    EXPECT_EQ(admission.enter(peer("7::1")).error().text(), "the limit of 6 connections is reached");
}

TEST(Admission, GivesThePlaceOfWhoLeavesToTheNext) {
    Admission admission(few);
    for (int round = 0; round < 100; ++round) {
        EXPECT_TRUE(admission.enter(peer("2001:db8::1")));
        EXPECT_TRUE(admission.enter(peer("2001:db8::1")));
        EXPECT_FALSE(admission.enter(peer("2001:db8::1")));
        admission.left(peer("2001:db8::1"));
        admission.left(peer("2001:db8::1"));
    }
    EXPECT_EQ(admission.connections(), 0U);
}
