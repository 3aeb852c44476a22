#include "core/log_limiter.h"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "core/time.h"

using mandos::core::LogLimiter;
using mandos::core::Time;
using std::chrono::seconds;

TEST(LogLimiter, LetsOneLineAMinuteThroughForEachKey) {
    LogLimiter limiter;
    const Time start(seconds(1000));
    EXPECT_EQ(limiter.allow("a", start), 0U);
    EXPECT_EQ(limiter.allow("b", start), 0U);
    EXPECT_EQ(limiter.allow("a", start), std::nullopt);
    EXPECT_EQ(limiter.allow("a", start + seconds(59)), std::nullopt);
    EXPECT_EQ(limiter.allow("a", start + seconds(60)), 2U); // and says what it left out
    EXPECT_EQ(limiter.allow("a", start + seconds(61)), std::nullopt);
    EXPECT_EQ(limiter.allow("a", start + seconds(120)), 1U);
}

TEST(LogLimiter, RemembersNoMoreKeysThanItsLimitAndForgetsOldOnes) {
    LogLimiter limiter;
    const Time start(seconds(1000));
    for (std::size_t i = 0; i < LogLimiter::keys_remembered; ++i)
        EXPECT_EQ(limiter.allow(std::to_string(i), start), 0U);
    EXPECT_EQ(limiter.allow("one too many", start + seconds(30)), std::nullopt);
    EXPECT_EQ(limiter.allow("one too many", start + seconds(61)), 0U);
}
