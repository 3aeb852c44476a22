#include "base/base64.h"

#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"

using mandos::as_bytes;
using mandos::Bytes;
using mandos::from_base64;
using mandos::to_base64;
using mandos::to_bytes;

TEST(Base64, RefusesWhatIsCutShort) {
    EXPECT_EQ(from_base64("QUJDRA=").error().text(),
              "the base64 padding (\"=\" at the end) is missing or too short");
    EXPECT_EQ(from_base64("QUI").error().text(),
              "the base64 padding (\"=\" at the end) is missing or too short");
    EXPECT_EQ(from_base64("QUJDR").error().text(),
              "5 base64 characters, one more than a multiple of 4: something is missing");
    EXPECT_FALSE(from_base64("Q==="));
    EXPECT_FALSE(from_base64("Q"));
}

// The answers are those of Python 3.11's binascii.a2b_base64.
TEST(Base64, SkipsWhatIsOutsideTheAlphabet) {
    struct Case {
        std::string_view text;
        std::string_view bytes;
        bool junk;
    };
    for (const auto& [text, bytes, junk] :
         {Case{"", "", false}, Case{"  \n\t", "", false}, Case{"QUJD", "ABC", false},
          Case{"QUJD\nREVG", "ABCDEF", false}, Case{"Q-U*J.D", "ABC", true}, Case{"!!!", "", true},
          Case{"=", "", true}, Case{"QUI=", "AB", false}, Case{"QQ==", "A", false},
          Case{"QQ=\n=", "A", false}, Case{"QQ==QUJD", "A", false}, Case{"====QUJD", "ABC", true},
          Case{"QUJD====", "ABC", true}, Case{"QQ=Q=", "A\x04", false}}) {
        const auto decoded = from_base64(text);
        ASSERT_TRUE(decoded) << text;
        EXPECT_EQ(decoded->bytes, to_bytes(bytes)) << text;
        EXPECT_EQ(decoded->junk_skipped, junk) << text;
    }
}

TEST(Base64, ReadsBackWhatItWrites) {
    EXPECT_EQ(to_base64(as_bytes("A")), "QQ==");
    EXPECT_EQ(to_base64(as_bytes("AB")), "QUI=");
    EXPECT_EQ(to_base64(as_bytes("ABC")), "QUJD");
    std::mt19937 random(20132);
    for (std::size_t size = 0; size < 300; ++size) {
        Bytes bytes(size);
        for (std::byte& byte : bytes)
            byte = static_cast<std::byte>(random());
        EXPECT_EQ(from_base64(to_base64(bytes))->bytes, bytes);
    }
}
