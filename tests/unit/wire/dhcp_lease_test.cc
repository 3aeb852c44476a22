// What DHCP clients of an initramfs write about a lease.
#include "wire/dhcp_lease.h"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/error.h"

using mandos::wire::parse_dhcp_lease;

namespace {

std::string lease(std::string_view text) {
    const auto parsed = parse_dhcp_lease(text);
    if (!parsed)
        return parsed.error().text();
    return parsed->address.text() + " " + (parsed->gateway ? parsed->gateway->text() : "-");
}

// As ipconfig of klibc 2.0.12 writes it.
constexpr std::string_view of_ipconfig = "DEVICE='eth0'\n"
                                         "PROTO='dhcp'\n"
                                         "IPV4ADDR='192.0.2.52'\n"
                                         "IPV4BROADCAST='192.0.2.255'\n"
                                         "IPV4NETMASK='255.255.255.0'\n"
                                         "IPV4GATEWAY='192.0.2.1'\n"
                                         "IPV4DNS0='0.0.0.0'\n"
                                         "HOSTNAME=''\n"
                                         "UPTIME='26308'\n";

} // namespace

TEST(DhcpLease, OneWithoutAnAddressIsNone) {
    for (const auto& [text, why] : {
             std::pair("", "no address with its netmask"),
             std::pair("IPV4ADDR='192.0.2.5'\n", "no address with its netmask"),
             std::pair("IPV4ADDR='192.0.2.5'\nIPV4NETMASK=''\n", "no address with its netmask"),
             std::pair("IPV4ADDR='192.0.2.5/8'\nIPV4NETMASK='255.0.0.0'\n", "no address with its netmask"),
             std::pair("IPV4ADDR='0.0.0.0'\nIPV4NETMASK='255.255.255.0'\n", "no address that a machine"),
             std::pair("IPV4ADDR='[2001:db8::1]'\nIPV4NETMASK='64'\n", "no address that a machine"),
             std::pair("IPV4ADDR='$(reboot)'\nIPV4NETMASK='255.255.255.0'\n", "is no address"),
             std::pair("IPV4ADDR='192.0.2.5'\nIPV4NETMASK='255.0.255.0'\n", "netmask"),
             std::pair("XIPV4ADDR='192.0.2.5'\nIPV4ADDRX='192.0.2.5'\n", "no address with its netmask"),
         })
        EXPECT_NE(lease(text).find(why), std::string::npos) << text << ": " << lease(text);
}

TEST(DhcpLease, AsIpconfigWritesIt) {
    EXPECT_EQ(lease(of_ipconfig), "192.0.2.52/24 192.0.2.1");
}

TEST(DhcpLease, AGatewayThatIsNoneIsLeftOut) {
    for (const char* gateway : {"", "IPV4GATEWAY='0.0.0.0'\n", "IPV4GATEWAY=''\n",
                                "IPV4GATEWAY='224.0.0.1'\n", "IPV4GATEWAY='[2001:db8::1]'\n"})
        EXPECT_EQ(lease("IPV4ADDR=\"192.0.2.5\"\nIPV4NETMASK=255.255.255.255\n" + std::string(gateway)),
                  "192.0.2.5/32 -");
}

TEST(DhcpLease, WhatAHostNameSaysBehindTheAddressCountsForNothing) {
    EXPECT_EQ(lease(std::string(of_ipconfig) + "ROOTPATH='x'\nIPV4ADDR='203.0.113.9'\n"),
              "192.0.2.52/24 192.0.2.1");
}
