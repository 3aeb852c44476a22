#include "wire/mandos_conf.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "wire/finding.h"

using mandos::wire::LogLevel;
using mandos::wire::MandosConfParsed;
using mandos::wire::parse_mandos_conf;

namespace {

using Lines = std::vector<std::string>;

Lines complaints(std::string_view text) {
    Lines lines;
    for (const auto& finding : parse_mandos_conf(text, "mandos.conf").findings)
        lines.push_back(finding.describe());
    return lines;
}

} // namespace

TEST(MandosConf, NamesEachWrongValue) {
    const std::string yes_or_no =
        "is neither yes nor no; expected 1, yes, true or on, or 0, no, false or off";
    EXPECT_EQ(
        complaints("[DEFAULT]\ndebug = maybe\nport = 65536\nsocket = -1\ndebuglevel = LOUD\nuse_ipv6 = 5%\n"),
        (Lines{
            R"(mandos.conf:3: section "DEFAULT", option port: "65536" is no number from 0 to 65535)",
            R"(mandos.conf:2: section "DEFAULT", option debug: "maybe" )" + yes_or_no,
            R"(mandos.conf:5: section "DEFAULT", option debuglevel: "LOUD" is no log level; expected CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG)",
            R"(mandos.conf:6: section "DEFAULT", option use_ipv6: a lone % in "%"; write %% for a percent sign)",
            R"(mandos.conf:4: section "DEFAULT", option socket: "-1" is no number from 0 to 2147483647)"}));
}

TEST(MandosConf, WarnsOfWhatItDoesNotRead) {
    EXPECT_EQ(
        complaints("[DEFAULT]\nprot = 1\n[server]\nport = 1\n"),
        (Lines{
            R"(mandos.conf:2: warning: section "DEFAULT", option prot: there is no such option; it is ignored. See mandos.conf(5))",
            R"(mandos.conf:3: warning: section "server": the section is ignored; expected all options in [DEFAULT])"}));
}

TEST(MandosConf, NeedsItsSection) {
    EXPECT_TRUE(mandos::wire::has_errors(parse_mandos_conf("port = 1\n", "mandos.conf").findings));
}

TEST(MandosConf, IsAllOptional) {
    const MandosConfParsed parsed = parse_mandos_conf("", "mandos.conf");
    EXPECT_TRUE(parsed.findings.empty());
    EXPECT_FALSE(parsed.conf.port || parsed.conf.interface || parsed.conf.debug || parsed.conf.priority);
    EXPECT_EQ(parse_mandos_conf("[DEFAULT]\nport = 0\n", "f").conf.port, 0); // any, not the default
    EXPECT_FALSE(parse_mandos_conf("[DEFAULT]\nport =\nsocket =\ndebuglevel =\n", "f").conf.port);
}

TEST(MandosConf, ReadsNumbersAsMandos18) {
    for (const char* port : {"4711", "+4711", "04711", "\n  4711"})
        EXPECT_EQ(parse_mandos_conf("[DEFAULT]\nport = " + std::string(port) + "\n", "f").conf.port, 4711)
            << port;
    for (const char* port : {"+", "+-1", "--1", "4711x", "4 711", "0x1267"})
        EXPECT_EQ(complaints("[DEFAULT]\nport = " + std::string(port) + "\n").size(), 1U) << port;
}

TEST(MandosConf, ExpandsAlsoWhatIsBuiltIn) {
    const MandosConfParsed parsed = parse_mandos_conf(
        "[DEFAULT]\nforeground = %(restore)s\nuse_dbus = %(debug)s\nport = %(socket)s\n", "f");
    EXPECT_TRUE(parsed.findings.empty());
    EXPECT_EQ(parsed.conf.foreground, true);
    EXPECT_EQ(parsed.conf.use_dbus, false);
    EXPECT_FALSE(parsed.conf.port);
    // Only what the file says is there.
    EXPECT_FALSE(parsed.conf.restore || parsed.conf.debug || parsed.conf.zeroconf);
}

TEST(MandosConf, ReadsEverything) {
    const MandosConfParsed parsed =
        parse_mandos_conf("[DEFAULT]\n"
                          "Interface = eth0\naddress: ::1\nport = 4711\ndebug = Yes\n"
                          "debuglevel = warning\npriority = SECURE128:%PROFILE_ULTRA\n"
                          "servicename = My %(host)s\nuse_dbus = off\nuse_ipv6 = 0\n"
                          "restore = FALSE\nstatedir = /srv\nsocket = 3\nforeground = on\n"
                          "zeroconf = no\n",
                          "mandos.conf");
    EXPECT_TRUE(parsed.findings.empty());
    EXPECT_EQ(parsed.conf.interface, "eth0");
    EXPECT_EQ(parsed.conf.address, "::1");
    EXPECT_EQ(parsed.conf.port, 4711);
    EXPECT_EQ(parsed.conf.debug, true);
    EXPECT_EQ(parsed.conf.debug_level, LogLevel::Warning);
    EXPECT_EQ(parsed.conf.priority, "SECURE128:%PROFILE_ULTRA");
    EXPECT_EQ(parsed.conf.service_name, "My %(host)s");
    EXPECT_EQ(parsed.conf.use_dbus, false);
    EXPECT_EQ(parsed.conf.use_ipv6, false);
    EXPECT_EQ(parsed.conf.restore, false);
    EXPECT_EQ(parsed.conf.state_directory, "/srv");
    EXPECT_EQ(parsed.conf.socket, 3);
    EXPECT_EQ(parsed.conf.foreground, true);
    EXPECT_EQ(parsed.conf.zeroconf, false);
}
