#include "core/key_id.h"

#include <gtest/gtest.h>

using mandos::core::KeyId;

namespace {
constexpr auto of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
}

TEST(KeyId, RefusesAnotherLength) {
    EXPECT_EQ(KeyId::parse("abcd").error().text(), "4 hexadecimal digits, expected 64");
    EXPECT_FALSE(KeyId::parse(""));
    EXPECT_FALSE(KeyId::parse(std::string(63, '0') + "g"));
}

TEST(KeyId, IsReadAsMandosAlwaysDid) {
    const auto plain = KeyId::parse("7788722a5ba742a4b7d0ac3a2d8a41ccb6d4bf7c8e85d5b1ab1cf9ab0a5b7b1c");
    const auto spaced =
        KeyId::parse(" 7788722A 5BA742A4 B7D0AC3A 2D8A41CC\n\tB6D4BF7C 8E85D5B1 AB1CF9AB 0A5B7B1C ");
    ASSERT_TRUE(plain && spaced);
    EXPECT_EQ(*plain, *spaced);
    EXPECT_EQ(plain->text(), "7788722A5BA742A4B7D0AC3A2D8A41CCB6D4BF7C8E85D5B1AB1CF9AB0A5B7B1C");
}

TEST(KeyId, KnowsTheOneOfNothing) {
    EXPECT_TRUE(KeyId::parse(of_nothing)->is_of_nothing());
    EXPECT_FALSE(KeyId::parse(std::string(64, '0'))->is_of_nothing());
}
