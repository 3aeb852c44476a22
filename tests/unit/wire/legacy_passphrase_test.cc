#include "wire/legacy_passphrase.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace {

using namespace std::string_literals;

std::string passphrase(std::string_view configured) {
    return std::string(
        mandos::as_text(mandos::wire::legacy_passphrase(mandos::as_bytes(configured)).reveal()));
}

std::string times(std::string_view text, int number) {
    std::string all;
    for (int i = 0; i < number; ++i)
        all += text;
    return all;
}

} // namespace

TEST(LegacyPassphrase, IsInHexadecimalDigits) {
    EXPECT_EQ(passphrase(""), "mandos");
    EXPECT_EQ(passphrase("\0\n\\\x7f\xff"s), "mandos000a5c7fff");
}

TEST(LegacyPassphrase, IsAsItIsWhenThatIsTooLong) {
    const std::string longest(1021, 'a');
    EXPECT_EQ(passphrase(longest), "mandos" + times("61", 1021));
    EXPECT_EQ(passphrase(longest + "a"), "mandos" + longest + "a");
    EXPECT_EQ(passphrase(times("\0\n\\\xff"s, 256)), "mandos" + times("\\x00\\n\\\\\xff", 256));
}
