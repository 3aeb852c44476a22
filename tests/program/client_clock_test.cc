// A machine without a battery: its clock says January 1970 until somebody sets it.
#include "programs/mandos-client/first_clock.h"

#include <ctime>
#include <optional>

#include <gtest/gtest.h>

using mandos::client::better_time;

namespace {

constexpr std::time_t february = std::time_t{31} * 24 * 60 * 60; // 1970
constexpr std::time_t keys_made = 1'700'000'000;

} // namespace

TEST(FirstClock, IsLeftAloneWhereItWasSet) {
    EXPECT_EQ(better_time(february, {keys_made}), std::nullopt);
    EXPECT_EQ(better_time(keys_made - 1, {keys_made}), std::nullopt);
}

TEST(FirstClock, IsSetByTheFirstFileThatIsThere) {
    EXPECT_EQ(better_time(0, {keys_made, keys_made + 1}), keys_made);
    EXPECT_EQ(better_time(february - 1, {std::nullopt, keys_made + 1}), keys_made + 1);
    EXPECT_EQ(better_time(-1, {keys_made}), keys_made);
}

TEST(FirstClock, IsNeverSetBack) {
    EXPECT_EQ(better_time(1000, {999, std::nullopt}), std::nullopt);
}
