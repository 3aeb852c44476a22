#include "wire/server_address.h"

#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "core/server_address.h"

using mandos::ErrorKind;
using mandos::core::ServerAddress;
using mandos::wire::needs_scope;
using mandos::wire::parse_server_address;
using testing::HasSubstr;

namespace {

std::string error_of(std::string_view text) {
    const auto address = parse_server_address(text);
    if (address)
        return "none: it is taken for " + address->text();
    EXPECT_EQ(address.error().kind(), ErrorKind::Invalid);
    return address.error().text();
}

ServerAddress parsed(std::string_view text) {
    const auto address = parse_server_address(text);
    EXPECT_TRUE(address) << address.error().text();
    return address.value_or(ServerAddress{});
}

} // namespace

TEST(ServerAddress, RefusesWhatHasNoPort) {
    EXPECT_EQ(error_of(""), "\"\" has no port; expected ADDRESS:PORT");
    EXPECT_EQ(error_of("localhost"), "\"localhost\" has no port; expected ADDRESS:PORT");
    EXPECT_EQ(error_of("[::1]"), "\"[::1]\" has no port behind the \"]\"; expected [ADDRESS]:PORT");
    EXPECT_EQ(error_of("[::1]4711"), "\"[::1]4711\" has no port behind the \"]\"; expected [ADDRESS]:PORT");
    EXPECT_EQ(error_of("[::1:4711"), "\"[::1:4711\" has no \"]\" for its \"[\"; expected [ADDRESS]:PORT");
}

TEST(ServerAddress, RefusesABadPort) {
    for (const char* port :
         {"", "0", "65536", "-1", "+1", "x", "1x", " 1", "1 ", "000001", "99999999999999999999"})
        EXPECT_EQ(error_of(std::string("192.0.2.1:") + port), std::string("\"192.0.2.1:") + port
                                                                  + "\" has the port \"" + port
                                                                  + "\"; expected a number from 1 to 65535");
}

TEST(ServerAddress, RefusesABadAddress) {
    EXPECT_THAT(error_of(":4711"), HasSubstr("no address before the port"));
    EXPECT_THAT(error_of("%eth0:4711"), HasSubstr("no address before the port"));
    EXPECT_THAT(error_of("192.0.2.256:4711"), HasSubstr("\"192.0.2.256\", which is no IPv4 address"));
    EXPECT_THAT(error_of("192.0.2:4711"), HasSubstr("no IPv4 address"));
    EXPECT_THAT(error_of("4711:4711"), HasSubstr("no IPv4 address"));
    EXPECT_THAT(error_of("[192.0.2.1]:4711"), HasSubstr("no IPv6 address"));
    EXPECT_THAT(error_of("[localhost]:4711"), HasSubstr("no IPv6 address"));
    EXPECT_THAT(error_of("::1::4711"), HasSubstr("no IPv6 address"));
    EXPECT_THAT(error_of("db8::g:4711"), HasSubstr("no IPv6 address"));
    EXPECT_THAT(error_of(std::string_view("::1\0:1", 6)),
                HasSubstr("\"::1\\x00\", which is no IPv6 address"));
}

TEST(ServerAddress, RefusesWhatIsNoName) {
    for (const std::string host : {"-host", "a..b", ".a", ".", "a b", "a/b",
                                   "b\xc3\xbc"
                                   "cher.example",
                                   "a,b", "host.-x"})
        EXPECT_THAT(error_of(host + ":1"), HasSubstr("neither an address nor a name")) << host;
    EXPECT_THAT(error_of(std::string(64, 'a') + ":1"), HasSubstr("neither an address nor a name"));
    EXPECT_THAT(error_of(std::string(254, 'a') + ":1"), HasSubstr("neither an address nor a name"));
}

TEST(ServerAddress, RefusesABadScope) {
    EXPECT_THAT(error_of("fe80::1%:1"), HasSubstr("\"\" behind its \"%\""));
    EXPECT_THAT(error_of("[fe80::1%a/b]:1"), HasSubstr("\"a/b\" behind its \"%\""));
    EXPECT_THAT(error_of("fe80::1%eth0%eth1:1"), HasSubstr("behind its \"%\""));
    EXPECT_THAT(error_of("fe80::1%0123456789abcdef:1"), HasSubstr("behind its \"%\""));
    EXPECT_THAT(error_of("192.0.2.1%eth0:1"), HasSubstr("only IPv6 addresses"));
}

TEST(ServerAddress, IsReadInEachForm) {
    const auto address = [](std::string host, std::uint16_t port, std::string scope = "") {
        return ServerAddress{.host = std::move(host), .scope = std::move(scope), .port = port};
    };
    EXPECT_EQ(parsed("192.0.2.1:4711"), address("192.0.2.1", 4711));
    EXPECT_EQ(parsed("::1:4711"), address("::1", 4711));
    EXPECT_EQ(parsed("2001:db8::1:1"), address("2001:db8::1", 1));
    EXPECT_EQ(parsed("[::1]:65535"), address("::1", 65535));
    EXPECT_EQ(parsed("::ffff:192.0.2.1:80"), address("::ffff:192.0.2.1", 80));
    EXPECT_EQ(parsed("fe80::1%eth0:4711"), address("fe80::1", 4711, "eth0"));
    EXPECT_EQ(parsed("[fe80::1%2]:4711"), address("fe80::1", 4711, "2"));
    EXPECT_EQ(parsed("mandos.example.org:4711"), address("mandos.example.org", 4711));
    EXPECT_EQ(parsed("host-1_x.:4711"), address("host-1_x.", 4711));
    EXPECT_EQ(parsed("1.example:4711"), address("1.example", 4711));
}

TEST(ServerAddress, IsWrittenSoThatItIsReadAgain) {
    for (const char* text :
         {"192.0.2.1:4711", "[fe80::1%eth0]:4711", "[2001:db8::1]:1", "mandos.example.org:22"})
        EXPECT_EQ(parsed(text).text(), text);
}

TEST(ServerAddress, NeedsAScopeOnlyOnALink) {
    EXPECT_TRUE(needs_scope(parsed("fe80::1:4711")));
    EXPECT_TRUE(needs_scope(parsed("[febf::1]:4711")));
    EXPECT_FALSE(needs_scope(parsed("fe80::1%eth0:4711")));
    EXPECT_FALSE(needs_scope(parsed("fec0::1:4711")));
    EXPECT_FALSE(needs_scope(parsed("192.0.2.1:4711")));
    EXPECT_FALSE(needs_scope(parsed("fe80:4711")));
}

namespace {

std::string error_without_port(std::string_view text) {
    const auto address = parse_server_address(text, 4711);
    return address ? "none: it is taken for " + address->text() : address.error().text();
}

} // namespace

TEST(ServerAddressWithoutAPort, RefusesWhatIsNeither) {
    EXPECT_THAT(error_without_port(""), HasSubstr("no address"));
    EXPECT_THAT(error_without_port(":4711"), HasSubstr("no address"));
    EXPECT_THAT(error_without_port("[]"), HasSubstr("no address"));
    EXPECT_THAT(error_without_port("[::1"), HasSubstr("has no \"]\""));
    EXPECT_THAT(error_without_port("[::1]4711"), HasSubstr("has no port behind the \"]\""));
    EXPECT_THAT(error_without_port("[::1]:"), HasSubstr("has the port \"\""));
    EXPECT_THAT(error_without_port("192.0.2.1:0"), HasSubstr("has the port \"0\""));
    EXPECT_THAT(error_without_port("192.0.2.1:65536"), HasSubstr("has the port \"65536\""));
    EXPECT_THAT(error_without_port("mandos.example.org:"), HasSubstr("has the port \"\""));
    EXPECT_THAT(error_without_port("192.0.2"), HasSubstr("no IPv4 address"));
    EXPECT_THAT(error_without_port("4711"), HasSubstr("no IPv4 address"));
    EXPECT_THAT(error_without_port("fe80::1%"), HasSubstr("\"\" behind its \"%\""));
    EXPECT_THAT(error_without_port("192.0.2.1%eth0"), HasSubstr("only IPv6 addresses"));
    EXPECT_THAT(error_without_port("a b"), HasSubstr("neither an address nor a name"));
    EXPECT_THAT(error_without_port(std::string_view("::1\0", 4)), HasSubstr("\"::1\\x00\""));
}

TEST(ServerAddressWithoutAPort, IsReadInEachForm) {
    const std::pair<const char*, const char*> forms[] = {
        {"192.0.2.1", "192.0.2.1:4711"},
        {"192.0.2.1:22", "192.0.2.1:22"},
        {"::1", "[::1]:4711"},
        {"[::1]", "[::1]:4711"},
        {"[::1]:22", "[::1]:22"},
        {"2001:db8::1:22", "[2001:db8::1:22]:4711"}, // is an address as it stands
        {"1:2:3:4:5:6:7:8:22", "[1:2:3:4:5:6:7:8]:22"},
        {"fe80::1%eth0", "[fe80::1%eth0]:4711"},
        {"[fe80::1%eth0]", "[fe80::1%eth0]:4711"},
        {"fe80::1%eth0:22", "[fe80::1%eth0]:22"},
        {"[fe80::1%eth0]:22", "[fe80::1%eth0]:22"},
        {"::ffff:192.0.2.1", "[::ffff:192.0.2.1]:4711"},
        {"mandos.example.org", "mandos.example.org:4711"},
        {"mandos.example.org:22", "mandos.example.org:22"},
        {"localhost", "localhost:4711"},
    };
    for (const auto& [text, means] : forms) {
        const auto address = parse_server_address(text, 4711);
        ASSERT_TRUE(address) << address.error().text();
        EXPECT_EQ(address->text(), means) << text;
        EXPECT_EQ(parse_server_address(means, 1), *address) << text;
    }
}
