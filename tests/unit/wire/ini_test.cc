// The dialect of the configuration files; tests/program/ini_against_python_test.py compares it with Python
// itself.
#include "wire/ini.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "wire/finding.h"

using mandos::wire::Finding;
using mandos::wire::Ini;
using mandos::wire::IniValue;
using mandos::wire::parse_ini;

namespace {

std::vector<std::string> complaints(std::string_view text) {
    std::vector<std::string> lines;
    for (const Finding& finding : parse_ini(text, "f").findings)
        lines.push_back(finding.describe());
    return lines;
}

using Lines = std::vector<std::string>;

// The only section's value of OPTION.
std::string value(std::string_view text, std::string_view option = "a") {
    const Ini ini = parse_ini(text, "f");
    EXPECT_TRUE(ini.findings.empty()) << ini.findings.front().describe();
    const IniValue* found = ini.sections.at(0).find(option);
    return found == nullptr ? "(none)" : found->text;
}

} // namespace

TEST(Ini, RefusesAnOptionBeforeAnySection) {
    EXPECT_EQ(
        complaints("a = 1\n[s]\n"),
        Lines{R"(f:1: "a"... stands before any section; expected a line like [DEFAULT] or [name] first)"});
    EXPECT_EQ(complaints("a = 1\nb\n  c\n").size(), 1U); // once is enough
}

TEST(Ini, RefusesALineThatIsNothing) {
    EXPECT_EQ(
        complaints("[s]\nnonsense\n= x\n"),
        (Lines{
            R"(f:2: section "s": "nonsense" is neither a section, nor an option with a value, nor a comment; expected "option = value")",
            R"(f:3: section "s": a line of 3 bytes is neither a section, nor an option with a value, nor a comment; expected "option = value")"}));
}

TEST(Ini, RefusesWhatIsGivenTwice) {
    EXPECT_EQ(complaints("[s]\na = 1\nA = 2\n"),
              Lines{R"(f:3: section "s", option a: option "a" is given twice, first in line 2)"});
    EXPECT_EQ(
        complaints("[s]\n[t]\n[s]\n"),
        Lines{
            R"(f:3: section "s": section "s" is given twice, first in line 1; expected one section for each name)"});
    EXPECT_EQ(complaints("[DEFAULT]\na=1\n[DEFAULT]\na=2\n"),
              Lines{R"(f:4: section "DEFAULT", option a: option "a" is given twice, first in line 2)"});
}

TEST(Ini, RefusesAByteOrderMark) {
    EXPECT_EQ(complaints("\xef\xbb\xbf[s]\na = 1\n"),
              Lines{"f:1: the file begins with a byte order mark; expected UTF-8 text without one"});
}

TEST(Ini, TellsThatTheSecretIsNotIndented) {
    EXPECT_EQ(
        complaints("[s]\nsecret =\nQUJD\n"),
        Lines{
            R"(f:3: section "s": a line of 4 bytes is neither a section, nor an option with a value, nor a comment; )"
            R"(expected "option = value"; lines that continue a value begin with a blank)"});
}

TEST(Ini, FindsEachOfManyOptions) {
    std::string text = "[s]\n";
    for (int i = 0; i < 100'000; ++i)
        text += "o" + std::to_string(i) + " = x\n";
    text += "o5 = y\n";
    const Ini ini = parse_ini(text, "f"); // each looked for among all before it would take half a minute
    ASSERT_EQ(ini.findings.size(), 1U);
    EXPECT_EQ(ini.findings[0].describe(),
              R"(f:100002: section "s", option o5: option "o5" is given twice, first in line 7)");
    EXPECT_EQ(ini.sections.at(0).find("o99999")->line, 100'001U);
    EXPECT_EQ(ini.sections.at(0).find("o5")->text, "x");
    EXPECT_EQ(ini.sections.at(0).find("p"), nullptr);
}

TEST(Ini, RefusesWhatIsNoUtf8) {
    EXPECT_EQ(complaints("[s]\na = \xff\n"), Lines{R"(f:2: section "s": the line is no UTF-8 text)"});
}

TEST(Ini, RefusesANulByte) {
    EXPECT_EQ(
        complaints({"[s]\na = true\0false\n", 19}),
        Lines{
            R"(f:2: section "s": the line has a NUL byte, at which the shell and others would take it to end)"});
}

// What has lost its option, its "=" or its indentation may be a secret.
TEST(Ini, NeverShowsWhatMayBeASecret) {
    const std::string marker = "TUFSS0VSTUFSS0VSTUFSS0VSTUFSS0VS";
    for (const std::string& text : {marker, marker + "==", "secret " + marker, "[s]\nsecret " + marker,
                                    "[s]\n" + marker + "\n" + marker, "[s]\nsecret =\n" + marker + "\n",
                                    "secret " + marker + "==\n", "secret = " + marker}) {
        const Lines said = complaints(text);
        EXPECT_FALSE(said.empty()) << text;
        for (const std::string& line : said)
            EXPECT_EQ(line.find("TUFSS0VS"), std::string::npos) << line;
    }
}

TEST(Ini, FindsEverythingThatIsWrongAtOnce) {
    EXPECT_EQ(complaints("x\n[s]\ny\na=1\na=2\n[s]\nz\n").size(), 5U);
}

TEST(Ini, TakesAnEmptyFile) {
    EXPECT_TRUE(parse_ini("", "f").findings.empty());
    EXPECT_TRUE(parse_ini("# only a comment\n\n", "f").sections.empty());
}

TEST(Ini, ReadsOptionsInEachForm) {
    EXPECT_EQ(value("[s]\na = 1"), "1");
    EXPECT_EQ(value("[s]\na:1\n"), "1");
    EXPECT_EQ(value("[s]\r\nA  =  x y  \r\n"), "x y");
    EXPECT_EQ(value("[s]\na = b = c : d"), "b = c : d");
    EXPECT_EQ(value("[s]\na =\n"), "");
    EXPECT_EQ(value("[s]\n   a = indented\n"), "indented");
    EXPECT_EQ(value("[s]\na = x ; no comment # either\n"), "x ; no comment # either");
    EXPECT_EQ(value("[s]\n# a = no\n  ; a = no\na = yes"), "yes");
}

TEST(Ini, JoinsContinuedLines) {
    EXPECT_EQ(value("[s]\na = 1\n  2\n\t3\nb = x"), "1\n2\n3");
    EXPECT_EQ(value("[s]\na =\n    1\n    2\n"), "\n1\n2");
    EXPECT_EQ(value("[s]\na = 1\n\n  2\n\n\nb=x"), "1\n\n2"); // empty lines inside stay, those behind go
    EXPECT_EQ(value("[s]\na = 1\n# comment\n  2\n"), "1\n2");
    EXPECT_EQ(value("[s]\na = 1\n  [t]\n"), "1\n[t]");
    EXPECT_EQ(value("[s]\n  a = 1\n    2\n  b = 3\n"), "1\n2");
}

TEST(Ini, NamesSectionsAsTheyStand) {
    const Ini ini = parse_ini("[Ünïcode name]\n[a]b]\n[ x ] trailing\n", "f");
    ASSERT_EQ(ini.sections.size(), 3U);
    EXPECT_EQ(ini.sections[0].name, "Ünïcode name");
    EXPECT_EQ(ini.sections[1].name, "a]b");
    EXPECT_EQ(ini.sections[2].name, " x ");
    EXPECT_EQ(ini.sections[2].line, 3U);
}

TEST(Ini, KnowsTheLineOfEachValue) {
    const Ini ini = parse_ini("[DEFAULT]\na=1\n\n[s]\n#\nb=\n 2\nc=3\n", "f");
    EXPECT_EQ(ini.defaults.find("a")->line, 2U);
    EXPECT_EQ(ini.sections[0].find("b")->line, 6U);
    EXPECT_EQ(ini.sections[0].find("c")->line, 8U);
}
