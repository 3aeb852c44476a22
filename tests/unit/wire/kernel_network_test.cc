// What the kernel's command line says about the network, in the forms of the kernel, initramfs-tools and
// dracut.
#include "wire/kernel_network.h"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/error.h"
#include "core/network_settings.h"

using mandos::ErrorKind;
using mandos::core::AddressSetting;
using mandos::wire::parse_ip_parameter;
using mandos::wire::parse_route_parameter;
using mandos::wire::parse_vlan_parameter;

namespace {

// "METHOD DEVICE ADDRESS GATEWAY", "-" for what is not there; an error's text where it is refused.
std::string ip(std::string_view value) {
    const auto setting = parse_ip_parameter(value);
    if (!setting)
        return setting.error().text();
    std::string text;
    switch (setting->method) {
    case AddressSetting::Method::Static:
        text = "static";
        break;
    case AddressSetting::Method::Dhcp:
        text = "dhcp";
        break;
    case AddressSetting::Method::Advertised:
        text = "advertised";
        break;
    case AddressSetting::Method::Nothing:
        text = "nothing";
        break;
    }
    text += " " + (setting->device.empty() ? "-" : setting->device);
    text += " " + (setting->address ? setting->address->text() : "-");
    return text + " " + (setting->gateway ? setting->gateway->text() : "-");
}

std::string vlan(std::string_view value) {
    const auto setting = parse_vlan_parameter(value);
    return setting ? setting->name + " " + setting->parent + " " + std::to_string(setting->id)
                   : setting.error().text();
}

std::string route(std::string_view value) {
    const auto setting = parse_route_parameter(value);
    if (!setting)
        return setting.error().text();
    const std::string gateway = setting->gateway ? setting->gateway->text() : "-";
    return setting->to.text() + " " + gateway + " " + (setting->device.empty() ? "-" : setting->device);
}

} // namespace

TEST(KernelNetwork, AnIpThatIsNoneIsRefusedWithWhatWasExpected) {
    for (const auto& [value, why] : {
             std::pair("", R"(ip="": "" is no way to configure an interface; expected dhcp,)"),
             std::pair("dhpc", R"("dhpc" is no way to configure an interface; expected dhcp,)"),
             std::pair("ibft", R"("ibft" is not done here)"),
             std::pair("eth0:dhpc",
                       R"(the client's address is "eth0", which is no address; expected one like)"),
             std::pair("192.0.2.5::192.0.2.256:24::eth0:none", R"(the gateway is "192.0.2.256")"),
             std::pair("192.0.2.5:::255.0.255.0::eth0:none", R"(has the netmask "255.0.255.0"; expected)"),
             std::pair("192.0.2.5:::33::eth0:none", R"(has the netmask "33")"),
             std::pair("[2001:db8::5]:::255.255.255.0::eth0:none", R"(has the netmask "255.255.255.0")"),
             std::pair("[2001:db8::5]:::129::eth0:none", R"(has the netmask "129")"),
             std::pair("192.0.2.5:::24::et h0:none", R"("et h0" cannot be the name of a network interface)"),
             std::pair("192.0.2.5:::24::eth0:nine", R"("nine" is no way to configure)"),
             std::pair("192.0.2.5:::24::eth0:rarp", R"("rarp" is not done here)"),
             std::pair("2001:db8::5:::64::eth0:none",
                       R"(the client's address is "2001", which is no address)"),
             std::pair("[2001:db8::5]::192.0.2.1:64::eth0:none",
                       "is of another kind than the client's address"),
             std::pair("127.0.0.1:::8::eth0:none", "the client's address 127.0.0.1 is none that a machine"),
             std::pair("[::ffff:192.0.2.1]", "is no address"),
             std::pair("[2001:db8::5", "is no address"),
             std::pair("192.0.2.5:::24::eth0:none:somewhere", R"(what follows the method is "somewhere")"),
             std::pair("192.0.2.5:::24::eth0:none:1500:aa:bb:cc", R"(what follows the method is "aa")"),
             std::pair("192.0.2.5:::24::eth0:none::::9", R"(has too much at its end: "9")"),
         })
        EXPECT_NE(ip(value).find(why), std::string::npos) << ip(value);
    EXPECT_EQ(parse_ip_parameter("rarp").error().kind(), ErrorKind::Unsupported);
    EXPECT_EQ(parse_ip_parameter("dhpc").error().kind(), ErrorKind::Invalid);
    EXPECT_FALSE(parse_ip_parameter(std::string_view("192.0.2.5\0", 10)));
}

TEST(KernelNetwork, IpInTheFormOfTheKernel) {
    EXPECT_EQ(ip("192.0.2.5:192.0.2.9:192.0.2.1:255.255.255.0:host:eth0:none"),
              "static eth0 192.0.2.5/24 192.0.2.1");
    EXPECT_EQ(ip("192.0.2.5::192.0.2.1:255.255.255.128:host:eth0:off:192.0.2.2:192.0.2.3:192.0.2.4"),
              "static eth0 192.0.2.5/25 192.0.2.1");
    EXPECT_EQ(ip("192.0.2.5::192.0.2.1:255.255.255.0"), "static - 192.0.2.5/24 192.0.2.1");
    EXPECT_EQ(ip(":::::eth0:dhcp"), "dhcp eth0 - -");
    EXPECT_EQ(ip(":::::eth0"), "dhcp eth0 - -");
    EXPECT_EQ(ip(":::::eth0:"), "dhcp eth0 - -");
    EXPECT_EQ(ip("::::host::dhcp"), "dhcp - - -");
    EXPECT_EQ(ip("192.0.2.5:::::eth0:dhcp"), "dhcp eth0 - -"); // a wish
    EXPECT_EQ(ip(":::::eth0:none"), "nothing eth0 - -");
}

TEST(KernelNetwork, IpThatIsOneWordOnly) {
    for (const char* word : {"dhcp", "on", "any", "both", "bootp", "auto", "single-dhcp"})
        EXPECT_EQ(ip(word), "dhcp - - -") << word;
    for (const char* word : {"off", "none", "static", "done"})
        EXPECT_EQ(ip(word), "nothing - - -") << word;
    for (const char* word : {"auto6", "either6", "link6", "dhcp6"})
        EXPECT_EQ(ip(word), "advertised - - -") << word;
}

TEST(KernelNetwork, IpInTheFormsOfDracut) {
    EXPECT_EQ(ip("[2001:db8::2]::[2001:db8::1]:64:host:eth0:none"), "static eth0 2001:db8::2/64 2001:db8::1");
    EXPECT_EQ(ip("[2001:db8::2/56]:::::eth0:none"), "static eth0 2001:db8::2/56 -");
    EXPECT_EQ(ip("192.0.2.5/24::192.0.2.1:::eth0:none"), "static eth0 192.0.2.5/24 192.0.2.1");
    EXPECT_EQ(ip("192.0.2.5::192.0.2.1:24:host:eth0:none:9000:aa:bb:cc:dd:ee:0f"),
              "static eth0 192.0.2.5/24 192.0.2.1");
    EXPECT_EQ(ip("192.0.2.5::192.0.2.1:24:host:eth0:none:[2001:db8::3]"),
              "static eth0 192.0.2.5/24 192.0.2.1");
    EXPECT_EQ(ip("eth0:dhcp"), "dhcp eth0 - -");
    EXPECT_EQ(ip("eth0:auto6"), "advertised eth0 - -");
    EXPECT_EQ(ip("eth0:off"), "nothing eth0 - -");
    EXPECT_EQ(ip("eth0:dhcp:1500"), "dhcp eth0 - -");
    EXPECT_EQ(ip("eth0:dhcp:1500:aa:bb:cc:dd:ee:ff"), "dhcp eth0 - -");
    EXPECT_EQ(ip("eth0:dhcp::aa:bb:cc:dd:ee:ff"), "dhcp eth0 - -");
}

TEST(KernelNetwork, ANetmaskThatIsLeftOutIsThatOfTheClass) {
    EXPECT_EQ(ip("10.1.2.3"), "static - 10.1.2.3/8 -");
    EXPECT_EQ(ip("172.16.2.3"), "static - 172.16.2.3/16 -");
    EXPECT_EQ(ip("192.0.2.5"), "static - 192.0.2.5/24 -");
    EXPECT_EQ(ip("[2001:db8::5]"), "static - 2001:db8::5/64 -");
}

TEST(KernelNetwork, AVlanThatIsNoneIsRefused) {
    for (const auto& [value, why] : {
             std::pair("vlan5", "expected NAME:PARENT"),
             std::pair("vlan5:eth0:1", "expected NAME:PARENT"),
             std::pair("vlan:eth0", R"("vlan" does not tell the number of the VLAN)"),
             std::pair("vlan0:eth0", "does not tell the number"),
             std::pair("vlan4095:eth0", "with 1 to 4094"),
             std::pair("vlan-5:eth0", "does not tell the number"),
             std::pair("lan5:eth0", "does not tell the number"),
             std::pair("eth0.:eth0", "does not tell the number"),
             std::pair("vlan5:", R"("" cannot be the name of a network interface)"),
             std::pair("abcdefghijklmno.5:eth0", "cannot be the name of a network interface"),
             std::pair("eth0.5:eth0.5", "cannot be a VLAN of itself"),
         })
        EXPECT_NE(vlan(value).find(why), std::string::npos) << vlan(value);
}

TEST(KernelNetwork, VlansInAllFourWaysToNameThem) {
    EXPECT_EQ(vlan("vlan5:eth0"), "vlan5 eth0 5");
    EXPECT_EQ(vlan("vlan0005:eth0"), "vlan0005 eth0 5");
    EXPECT_EQ(vlan("eth0.5:eth0"), "eth0.5 eth0 5");
    EXPECT_EQ(vlan("eth0.0005:eth0"), "eth0.0005 eth0 5");
    EXPECT_EQ(vlan("enp0s31f6.4094:enp0s31f6"), "enp0s31f6.4094 enp0s31f6 4094");
}

TEST(KernelNetwork, ARouteThatIsNoneIsRefused) {
    for (const auto& [value, why] : {
             std::pair("198.51.100.0/24", "expected NETWORK/PREFIX:GATEWAY[:DEVICE]"),
             std::pair("198.51.100.0:192.0.2.1", "has no length"),
             std::pair("198.51.100.0/33:192.0.2.1", R"(has the netmask "33")"),
             std::pair("198.51.100.0/24:", "expected a gateway, or the interface"),
             std::pair("198.51.100.0/24:[2001:db8::1]", "is of another kind"),
             std::pair("198.51.100.0/24:192.0.2.1:a/b", "cannot be the name"),
         })
        EXPECT_NE(route(value).find(why), std::string::npos) << route(value);
}

TEST(KernelNetwork, Routes) {
    EXPECT_EQ(route("198.51.100.0/24:192.0.2.1"), "198.51.100.0/24 192.0.2.1 -");
    EXPECT_EQ(route("198.51.100.7/24:192.0.2.1:eth1"), "198.51.100.0/24 192.0.2.1 eth1"); // of the network
    EXPECT_EQ(route("198.51.100.7/32::eth1"), "198.51.100.7/32 - eth1");
    EXPECT_EQ(route("[2001:DB8:3::/8]:[2001:DB8:2::1]:ens10"), "2000::/8 2001:db8:2::1 ens10");
    EXPECT_EQ(route("[2001:db8:3::]/48:[2001:db8:2::1]"), "2001:db8:3::/48 2001:db8:2::1 -");
}
