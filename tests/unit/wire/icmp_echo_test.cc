#include "wire/icmp_echo.h"

#include <cstddef>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hex.h"

using mandos::Bytes;
using mandos::ByteView;
using mandos::wire::Echo;
using mandos::wire::IpVersion;
using mandos::wire::read_echo_reply;
using mandos::wire::write_echo_request;

namespace {

constexpr Echo echo{.identifier = 0x1234, .sequence = 0xFFFE, .token = 0x0102'0304'0506'0708};

// What a host answers to an IPv6 request; for that there is no checksum in the message alone.
Bytes reply() {
    Bytes message = write_echo_request(echo, IpVersion::V6);
    message[0] = std::byte{129};
    return message;
}

} // namespace

TEST(IcmpEcho, IsNoReplyIfItIsARequest) {
    EXPECT_FALSE(read_echo_reply(write_echo_request(echo, IpVersion::V4), IpVersion::V4));
    EXPECT_FALSE(read_echo_reply(write_echo_request(echo, IpVersion::V6), IpVersion::V6));
    EXPECT_FALSE(read_echo_reply(reply(), IpVersion::V4));
}

TEST(IcmpEcho, IsNoReplyOfAnotherSize) {
    Bytes message = reply();
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(read_echo_reply(ByteView(message).first(size), IpVersion::V6));
    message.push_back(std::byte{0});
    EXPECT_FALSE(read_echo_reply(message, IpVersion::V6));
}

TEST(IcmpEcho, IsNoReplyWithAnotherCodeOrChecksum) {
    Bytes message = reply();
    message[1] = std::byte{1};
    EXPECT_FALSE(read_echo_reply(message, IpVersion::V6));
    message = write_echo_request(echo, IpVersion::V4);
    message[0] = std::byte{0}; // the checksum is the request's
    EXPECT_FALSE(read_echo_reply(message, IpVersion::V4));
}

TEST(IcmpEcho, HasTheChecksumOfRfc1071) {
    EXPECT_EQ(mandos::to_hex(write_echo_request(echo, IpVersion::V4)), "0800d5b81234fffe0102030405060708");
    EXPECT_EQ(mandos::to_hex(write_echo_request(echo, IpVersion::V6)), "800000001234fffe0102030405060708");
}

TEST(IcmpEcho, IsReadAsItWasWritten) {
    EXPECT_EQ(read_echo_reply(reply(), IpVersion::V6), echo);
    Bytes message = write_echo_request(echo, IpVersion::V4);
    message[0] = std::byte{0};
    message[2] = std::byte{0xDD}; // 0x0800 less in the sum is more in its complement
    EXPECT_EQ(read_echo_reply(message, IpVersion::V4), echo);
}

TEST(Ipv4Header, IsTakenAwayIfItIsOne) {
    Bytes packet(40);
    const auto rest = [&packet](unsigned words) {
        packet[0] = static_cast<std::byte>(0x40 + words);
        const auto message = mandos::wire::without_ipv4_header(packet);
        return message ? static_cast<int>(message->size()) : -1;
    };
    EXPECT_EQ(rest(4), -1);
    EXPECT_EQ(rest(11), -1);
    EXPECT_EQ(rest(5), 20);
    EXPECT_EQ(rest(10), 0);
    EXPECT_FALSE(mandos::wire::without_ipv4_header(ByteView(packet).first(19)));
}
