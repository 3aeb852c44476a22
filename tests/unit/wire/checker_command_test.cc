// tests/program/checker_against_python_test.py compares the same with Python itself.
#include "wire/checker_command.h"

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <gtest/gtest.h>

#include "base/error.h"
#include "core/limits.h"
#include "wire/client_section.h"
#include "wire/ini.h"
#include "wire/interpolation.h"

using mandos::ErrorKind;
using mandos::Result;
using mandos::wire::attribute_text;
using mandos::wire::Ping;
using mandos::wire::recognise;
using mandos::wire::Shell;
using mandos::wire::shell_quoted;
using mandos::wire::SshHostKey;
using namespace std::chrono_literals;

namespace {

Result<std::string> expand(std::string_view command) {
    return mandos::wire::expand_checker(command, [](std::string_view name) -> std::optional<std::string> {
        if (name == "host")
            return "db1.example.org";
        if (name == "name")
            return "it's db1";
        if (name == "empty")
            return "";
        if (name == "nul")
            return std::string("a\0b", 3);
        if (name == "long")
            return std::string(1000, 'x');
        return std::nullopt;
    });
}

bool is_shell(std::string_view command) {
    return std::holds_alternative<Shell>(recognise(command));
}

constexpr std::string_view ssh_command =
    "ssh-keyscan -t ed25519 %(host)s 2>/dev/null | grep --fixed-strings --line-regexp --quiet "
    "--regexp=%(host)s\" ssh-ed25519 AAAAC3Nza+/9==\"";

} // namespace

TEST(ExpandChecker, RefusesAnUnknownAttributeByName) {
    EXPECT_EQ(expand("fping -q -- %(hots)s").error().text(),
              "\"%(hots)s\" in the checker names no attribute of a client");
    EXPECT_EQ(expand("%()s").error().kind(), ErrorKind::Invalid);
    EXPECT_FALSE(expand("%(HOST)s"));
}

TEST(ExpandChecker, RefusesALonePercentSign) {
    for (const char* command : {"50%", "% ", "%s", "%d", "100% sure"})
        EXPECT_NE(expand(command).error().text().find("a lone % in"), std::string::npos) << command;
}

TEST(ExpandChecker, RefusesOtherConversions) {
    for (const char* command : {"%(host)r", "%(host)10s", "%(host)", "%(host", "%(", "%(host) s"})
        EXPECT_NE(expand(command).error().text().find("is no reference; expected %(attribute)s"),
                  std::string::npos)
            << command;
}

TEST(ExpandChecker, RefusesWhatNoCommandCanBe) {
    EXPECT_EQ(expand("echo %(nul)s").error().text(), "the checker contains a NUL byte, which no command can");
    std::string bomb;
    for (int i = 0; i < 100; ++i)
        bomb += "%(long)s";
    EXPECT_EQ(expand(bomb).error().kind(), ErrorKind::Exhausted);
}

TEST(ExpandChecker, QuotesWhatNeedsIt) {
    EXPECT_EQ(*expand("fping -q -- %(host)s"), "fping -q -- db1.example.org");
    EXPECT_EQ(*expand("%(name)s%(empty)s %%d 100%%"), "'it'\"'\"'s db1''' %d 100%");
    EXPECT_EQ(*expand(""), "");
}

TEST(ShellQuoted, LeavesHarmlessTextAlone) {
    EXPECT_EQ(shell_quoted("azAZ09_@%+=:,./-"), "azAZ09_@%+=:,./-");
    EXPECT_EQ(shell_quoted(""), "''");
    EXPECT_EQ(shell_quoted("; rm -rf $HOME"), "'; rm -rf $HOME'");
    EXPECT_EQ(shell_quoted("ü"), "'ü'");
    EXPECT_EQ(shell_quoted("'"), "''\"'\"''");
}

TEST(AttributeText, IsPythonsOfTimeSpans) {
    EXPECT_EQ(attribute_text(5min), "0:05:00");
    EXPECT_EQ(attribute_text(0s), "0:00:00");
    EXPECT_EQ(attribute_text(24h), "1 day, 0:00:00");
    EXPECT_EQ(attribute_text(49h + 90s + 7us), "2 days, 1:01:30.000007");
    EXPECT_EQ(attribute_text(-1s), "-1 day, 23:59:59");
    EXPECT_EQ(attribute_text(-48h), "-2 days, 0:00:00");
}

TEST(AttributeText, IsPythonsOfTimesAndTruth) {
    const std::chrono::sys_time<std::chrono::microseconds> time{1'795'489'842s + 106'667us};
    EXPECT_EQ(attribute_text(time), "2026-11-24 03:10:42.106667");
    EXPECT_EQ(attribute_text(time - 106'667us), "2026-11-24 03:10:42");
    EXPECT_EQ(attribute_text(std::optional(time)), "2026-11-24 03:10:42.106667");
    EXPECT_EQ(attribute_text(std::optional<std::chrono::sys_time<std::chrono::microseconds>>()), "None");
    EXPECT_EQ(mandos::wire::attribute_text_of_truth(true), "True");
    EXPECT_EQ(mandos::wire::attribute_text_of_truth(false), "False");
}

TEST(Recognise, TakesNothingThatDiffers) {
    for (const char* command :
         {"", "fping", "fping -q -- %(host)s; true", "fping -q -- %(name)s", "fping -q -- db1"})
        EXPECT_TRUE(is_shell(command)) << command;
    const std::string ssh(ssh_command);
    EXPECT_TRUE(is_shell(ssh + "; true"));
    EXPECT_TRUE(is_shell(ssh + "\""));
    for (std::size_t cut = 0; cut < ssh.size(); ++cut)
        EXPECT_TRUE(is_shell(ssh.substr(0, cut))) << cut;
    for (const auto& [from, to] :
         {std::pair("-t ed25519", "-t rsa"), std::pair("-t ed25519", "-t dsa"), std::pair("Nza", "N$a"),
          std::pair("Nza", "N z"), std::pair("%(host)s 2", "%(name)s 2"),
          std::pair(" AAAAC3Nza+/9==", " ")}) {
        std::string changed = ssh;
        changed.replace(changed.find(from), std::string_view(from).size(), to);
        EXPECT_TRUE(is_shell(changed)) << changed;
    }
}

TEST(Recognise, KnowsTheDefaultChecker) {
    EXPECT_TRUE(std::holds_alternative<Ping>(recognise("fping -q -- %(host)s")));
}

TEST(Recognise, KnowsWhatMandosKeygenPrints) {
    const std::string section = mandos::wire::write_client_section(
        {.name = "db1",
         .key_id = std::nullopt,
         .fingerprint = "00",
         .secret = {},
         .ssh_key = mandos::wire::ClientSectionText::SshKey{.scan_type = "ecdsa-sha2-nistp256",
                                                            .fingerprint = "ecdsa-sha2-nistp256 AAAAE2+/="}});
    const mandos::wire::Ini ini = mandos::wire::parse_ini(section, "clients.conf");
    const auto find = [&ini](std::string_view name) -> const std::string* {
        const auto* value = ini.sections.at(0).find(name);
        return value == nullptr ? nullptr : &value->text;
    };
    const auto command = mandos::wire::interpolate(*find("checker"), find);
    ASSERT_TRUE(command);
    const auto kind = recognise(*command);
    ASSERT_TRUE(std::holds_alternative<SshHostKey>(kind)) << *command;
    EXPECT_EQ(std::get<SshHostKey>(kind).type, "ecdsa-sha2-nistp256");
    EXPECT_EQ(std::get<SshHostKey>(kind).line, "ecdsa-sha2-nistp256 AAAAE2+/=");
    EXPECT_TRUE(std::holds_alternative<SshHostKey>(recognise(ssh_command)));
}
