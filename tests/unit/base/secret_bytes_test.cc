#include "base/secret_bytes.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <gtest/gtest.h>

#include "base/bytes.h"

using mandos::as_bytes;
using mandos::as_text;
using mandos::SecretBytes;

TEST(SecretBytes, AreGoneFromWhatTheyWereMovedOutOf) {
    SecretBytes first = SecretBytes::copy_of(as_bytes("hunter2"));
    const SecretBytes second = std::move(first);
    EXPECT_TRUE(first.empty()); // NOLINT(bugprone-use-after-move): that it is empty is what is tested
    EXPECT_EQ(as_text(second.reveal()), "hunter2");
}

TEST(SecretBytes, WipeWhatIsCutOff) {
    SecretBytes secret = SecretBytes::copy_of(as_bytes("hunter2"));
    secret.resize(2);
    secret.resize(7);
    EXPECT_EQ(as_text(secret.reveal()), std::string_view("hu\0\0\0\0\0", 7));
}

TEST(SecretBytes, KeepTheirContentWhenTheyGrow) {
    SecretBytes secret = SecretBytes::copy_of(as_bytes("hunter2"));
    secret.resize(100'000);
    EXPECT_EQ(as_text(secret.reveal()).substr(0, 7), "hunter2");
    EXPECT_TRUE(
        std::ranges::all_of(secret.reveal().subspan(7), [](std::byte b) { return b == std::byte{0}; }));
}

TEST(SecretBytes, CompareByContent) {
    const SecretBytes secret = SecretBytes::copy_of(as_bytes("hunter2"));
    EXPECT_TRUE(secret.equals(as_bytes("hunter2")));
    EXPECT_FALSE(secret.equals(as_bytes("hunter3")));
    EXPECT_FALSE(secret.equals(as_bytes("hunter")));
    EXPECT_TRUE(SecretBytes{}.equals({}));
}
