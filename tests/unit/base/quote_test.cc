#include "base/quote.h"

#include <gtest/gtest.h>

using mandos::is_utf8;
using mandos::quoted;

TEST(Quoted, LetsNoControlCharacterThrough) {
    EXPECT_EQ(quoted("a\nb\r\t\x1b[31m\x7f"), R"("a\nb\r\t\x1b[31m\x7f")");
    EXPECT_EQ(quoted({"\0", 1}), R"("\x00")");
    EXPECT_EQ(quoted("\xc2\x85"), R"("\xc2\x85")");                   // C1: next line
    EXPECT_EQ(quoted("\xe2\x80\xae evil"), R"("\xe2\x80\xae evil")"); // right-to-left override
}

TEST(Quoted, EscapesItsOwnQuotes) {
    EXPECT_EQ(quoted(R"(say "hi" \)"), R"("say \"hi\" \\")");
}

TEST(Quoted, KeepsReadableUnicodeAndEscapesBrokenOne) {
    EXPECT_EQ(quoted("søren 東京 😀"), "\"søren 東京 😀\"");
    EXPECT_EQ(quoted("\xff\xc0\xaf\xed\xa0\x80"), R"("\xff\xc0\xaf\xed\xa0\x80")");
}

TEST(Quoted, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(quoted("abcdef", 3), R"("abc"...)");
    EXPECT_EQ(quoted("ab😀", 4), R"("ab"...)");
    EXPECT_EQ(quoted("abc", 3), R"("abc")");
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
    EXPECT_FALSE(is_utf8("\xc0\xaf"));         // overlong
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));     // surrogate
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80")); // beyond U+10FFFF
    EXPECT_FALSE(is_utf8("\xe2\x82"));         // cut short
    EXPECT_FALSE(is_utf8("\x80"));
}

TEST(Utf8, TakesEveryLength) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
}
