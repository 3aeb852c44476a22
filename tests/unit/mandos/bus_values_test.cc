// Values on their way to D-Bus and back.
#include "programs/mandos/bus_values.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "base/duration.h"
#include "core/limits.h"
#include "core/time.h"

using mandos::Duration;
using mandos::bus::sendable;
using mandos::core::WallTime;
using mandos::server::milliseconds_of;
using mandos::server::read_duration;
using mandos::server::read_text;
using mandos::server::read_truth;
using mandos::server::time_text;

namespace {

const std::string replaced = "\xEF\xBF\xBD";

std::string time_at(std::int64_t microseconds) {
    return time_text(WallTime(std::chrono::microseconds(microseconds)));
}

} // namespace

TEST(BusValues, RefuseWhatIsNotATime) {
    const auto longest = std::chrono::duration_cast<Duration>(mandos::core::limits::time_span).count();
    EXPECT_FALSE(read_duration("Timeout", std::int64_t{-1}));
    EXPECT_FALSE(read_duration("Timeout", std::int64_t{longest + 1}));
    EXPECT_FALSE(read_duration("Timeout", std::uint64_t{UINT64_MAX}));
    EXPECT_FALSE(read_duration("Timeout", true));
    EXPECT_FALSE(read_duration("Timeout", 5.0));
    EXPECT_FALSE(read_duration("Timeout", "PT5M"));
    EXPECT_EQ(read_duration("Timeout", "PT5M").error().text(),
              "Timeout is a whole number of milliseconds, and got a value of the D-Bus type \"s\"");
    EXPECT_EQ(read_duration("Timeout", std::int64_t{longest})->count(), longest);
    EXPECT_EQ(read_duration("Timeout", std::uint8_t{255})->count(), 255);
}

TEST(BusValues, RefuseOtherTypes) {
    EXPECT_FALSE(read_truth("Enabled", std::uint64_t{1}));
    EXPECT_FALSE(read_truth("Enabled", "true"));
    EXPECT_FALSE(read_text("Host", true));
    EXPECT_FALSE(read_text("Host", std::string(mandos::core::limits::bus_text + 1, 'x')));
    EXPECT_TRUE(read_text("Host", std::string(mandos::core::limits::bus_text, 'x')));
}

TEST(BusValues, HaveTimesWithTheirFraction) {
    EXPECT_EQ(time_at(1'795'489'842'106'667), "2026-11-24T03:10:42.106667");
    EXPECT_EQ(time_at(0), "1970-01-01T00:00:00.000000");
    EXPECT_EQ(time_at(-1), "1969-12-31T23:59:59.999999");
    EXPECT_EQ(time_text(std::nullopt), "");
}

TEST(BusValues, HaveNoMoreThanTheCoreCounts) {
    EXPECT_EQ(milliseconds_of(Duration(-5)), 0U);
    EXPECT_EQ(milliseconds_of(Duration(5)), 5U);
    EXPECT_EQ(milliseconds_of(Duration::max()),
              static_cast<std::uint64_t>(
                  std::chrono::duration_cast<Duration>(mandos::core::limits::time_span).count()));
}

TEST(BusText, LosesWhatMayNotBeSent) {
    EXPECT_EQ(sendable(""), "");
    EXPECT_EQ(sendable("plain \n \x7F \xC3\xA4 \xF0\x9F\x90\x9F"), "plain \n \x7F \xC3\xA4 \xF0\x9F\x90\x9F");
    EXPECT_EQ(sendable("a\xFFz"), "a" + replaced + "z");
    EXPECT_EQ(sendable("\xC3"), replaced);
    EXPECT_EQ(sendable(std::string_view("\0", 1)), replaced);
    EXPECT_EQ(sendable("\xED\xA0\x80"), replaced + replaced + replaced); // a surrogate
    EXPECT_EQ(sendable("\xEF\xBF\xBF"), replaced + replaced + replaced); // a noncharacter
    EXPECT_EQ(sendable("\xEF\xB7\x90"), replaced + replaced + replaced);
    EXPECT_EQ(sendable("\xF4\x8F\xBF\xBF!").back(), '!'); // U+10FFFF
}
