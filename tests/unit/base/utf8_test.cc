#include "base/utf8.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

using mandos::append_utf8;
using mandos::first_character;
using mandos::is_utf8;

TEST(Utf8, HasNoCharacterInWhatIsNone) {
    using namespace std::string_view_literals;
    // Nothing; alone; cut short; overlong; surrogate; beyond Unicode; never a byte of UTF-8.
    for (const std::string_view text :
         {""sv, "\x80"sv, "\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv, "\xC0\x80"sv, "\xC1\xBF"sv,
          "\xE0\x9F\xBF"sv, "\xF0\x8F\xBF\xBF"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv, "\xFF"sv}) {
        EXPECT_FALSE(first_character(text));
        EXPECT_EQ(is_utf8(text), text.empty());
    }
}

TEST(Utf8, ReadsWhatItWrites) {
    for (const char32_t character : {U'\0', U'a', U'\x7F', U'\x80', U'\u07FF', U'\u0800', U'\uD7FF',
                                     U'\uE000', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
        std::string text;
        append_utf8(text, character);
        EXPECT_TRUE(is_utf8(text));
        const auto first = first_character(text + "b");
        ASSERT_TRUE(first);
        EXPECT_EQ(first->character, character);
        EXPECT_EQ(first->bytes, text.size());
    }
}
