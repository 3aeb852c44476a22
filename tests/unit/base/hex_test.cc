#include "base/hex.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

using mandos::as_bytes;
using mandos::from_hex;
using mandos::HexCase;
using mandos::to_hex;

TEST(Hex, RefusesWhatIsNoPairOfDigits) {
    EXPECT_EQ(from_hex("0g").error().text(), R"(character "g" at position 2 is not a hexadecimal digit)");
    EXPECT_EQ(from_hex("abc").error().text(), "an odd number (3) of hexadecimal digits");
    EXPECT_FALSE(from_hex("0x12"));
    EXPECT_FALSE(from_hex(" 12"));
}

TEST(Hex, ReadsBothCases) {
    EXPECT_EQ(from_hex("00fFaB"), mandos::to_bytes({"\x00\xff\xab", 3}));
    EXPECT_EQ(from_hex(""), mandos::Bytes{});
}

TEST(Hex, WritesWhatItReads) {
    EXPECT_EQ(to_hex(as_bytes("\x01\xAB\x7f")), "01ab7f");
    EXPECT_EQ(to_hex(as_bytes("\x01\xAB\x7f"), HexCase::Upper), "01AB7F");
}
