#include "core/service_name.h"

#include <string>

#include <gtest/gtest.h>

namespace {

using mandos::core::check_service_name;
using mandos::core::next_service_name;

std::string why_not(const std::string& name) {
    const auto checked = check_service_name(name);
    return checked ? std::string() : checked.error().text();
}

TEST(ServiceName, RefusesWhatCannotBeAnnounced) {
    EXPECT_EQ(why_not(""), "the service name is empty");
    EXPECT_EQ(why_not(std::string(64, 'x')),
              "the service name \"" + std::string(64, 'x') + "\" has 64 bytes; expected at most 63");
    EXPECT_EQ(why_not("M\xFFndos"),
              R"(the service name "M\xffndos" is not text; expected UTF-8 in one line)");
    for (const char* name : {"a\nb", "\x1b[m", "a\x7f", "\xc3", "\xed\xa0\x80"})
        EXPECT_NE(why_not(name), "") << name;
    // 32 characters of two bytes.
    std::string letters;
    for (int i = 0; i < 32; ++i)
        letters += "ü";
    EXPECT_NE(why_not(letters), "");
}

TEST(ServiceName, TakesAnyTextOf63Bytes) {
    for (const std::string& name :
         {std::string("Mandos"), std::string(63, 'x'), std::string("Grüße, пароль. 密码"),
          std::string("Mandos #2"), std::string(" ")})
        EXPECT_EQ(why_not(name), "");
}

TEST(ServiceName, CountsUp) {
    EXPECT_EQ(next_service_name("Mandos"), "Mandos #2");
    EXPECT_EQ(next_service_name("Mandos #2"), "Mandos #3");
    EXPECT_EQ(next_service_name("Mandos #9"), "Mandos #10");
    EXPECT_EQ(next_service_name("Mandos #99 #1"), "Mandos #99 #2");
}

TEST(ServiceName, IsANumberOnlyWhereItLooksLikeOne) {
    EXPECT_EQ(next_service_name("Mandos #"), "Mandos # #2");
    EXPECT_EQ(next_service_name("Mandos #x"), "Mandos #x #2");
    EXPECT_EQ(next_service_name("Mandos#2"), "Mandos#2 #2");
    EXPECT_EQ(next_service_name("Mandos #02"), "Mandos #02 #2");
    EXPECT_EQ(next_service_name("Mandos #-1"), "Mandos #-1 #2");
    EXPECT_EQ(next_service_name("Mandos #4294967295"), "Mandos #4294967295 #2");
    EXPECT_EQ(next_service_name("Mandos #99999999999"), "Mandos #99999999999 #2");
}

TEST(ServiceName, StaysGoodWhateverItsLength) {
    EXPECT_EQ(next_service_name(std::string(63, 'x')), std::string(60, 'x') + " #2");
    EXPECT_EQ(next_service_name(std::string(59, 'x') + " #9"), std::string(59, 'x') + " #10");
    EXPECT_EQ(next_service_name(std::string(60, 'x') + " #9"), std::string(59, 'x') + " #10");
    std::string name; // of three-byte characters
    for (int i = 0; i < 21; ++i)
        name += "密";
    ASSERT_EQ(name.size(), 63U);
    const std::string next = next_service_name(name);
    EXPECT_EQ(next.size(), 63U);
    EXPECT_EQ(next, name.substr(0, 60) + " #2");
    EXPECT_EQ(next_service_name(name.substr(0, 60) + "ab"), name.substr(0, 60) + " #2");
    for (int i = 0; i < 200; ++i) {
        name = next_service_name(name);
        EXPECT_EQ(why_not(name), "");
    }
    EXPECT_EQ(name, name.substr(0, 57) + " #201");
}

} // namespace
