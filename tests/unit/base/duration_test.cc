#include "base/duration.h"

#include <chrono>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

using mandos::Duration;
using mandos::format_duration;
using mandos::parse_duration;
using namespace std::chrono_literals;

TEST(Duration, RefusesWhatIsNone) {
    for (const char* text : {"P",
                             "PT",
                             "PT0.5S",
                             "pt5m",
                             "PT5m",
                             "5",
                             "5x",
                             "m",
                             "-",
                             "5m30",
                             "PT1H5S",
                             "P1Y1D",
                             "P1M1Y",
                             "PT5S1M",
                             "P1W1D",
                             "P1D1W",
                             "PT1D",
                             "P1H",
                             "P1DT",
                             "T5M",
                             "PT5M ",
                             " PT5M",
                             "PTT5M",
                             "P-1D",
                             "5 m",
                             "1e3s",
                             "P1WT",
                             "P1YT1H", // RFC 3339 has these two, but 1.8 wants days before the T
                             "P14MT47M",
                             "P1Y2MT3H",
                             "P1000000000D", // 1.8 counts days to 999999999
                             "86400000000000s",
                             "-1000000000d",
                             "+-5m",
                             "--5m",
                             "0x5m",
                             "5.5m",
                             "99999999999999999999s",
                             "P99999999999999999Y",
                             "9223372036854775807w"})
        EXPECT_FALSE(parse_duration(text)) << text;
    EXPECT_EQ(parse_duration("5x").error().text(), "\"5x\" is no time span; expected one like \"PT5M\" or "
                                                   "\"P1DT2H0M30S\" (RFC 3339), or \"5m 30s\" with "
                                                   "the units s, m, h, d and w");
}

TEST(Duration, ReadsRfc3339) {
    const std::pair<const char*, Duration> cases[] = {
        {"PT5M", 5min},
        {"PT15M", 15min},
        {"PT0S", 0s},
        {"PT1H0M5S", 1h + 5s},
        {"P1D", 24h},
        {"P2W", 14 * 24h},
        {"P1M", 28 * 24h},
        {"P1Y", 364 * 24h},
        {"P1DT5S", 24h + 5s},
        {"P1Y2M3DT4H5M6S", (364 + 56 + 3) * 24h + 4h + 5min + 6s},
        {"PT3M30S", 210s},
        {"PT007S", 7s},
        {"P1M1DT1S", 29 * 24h + 1s},
        {"P999999999D", 999'999'999 * 24h},
    };
    for (const auto& [text, expected] : cases) {
        const auto parsed = parse_duration(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, expected) << text;
    }
}

TEST(Duration, ReadsTheOldForm) {
    const std::pair<const char*, Duration> cases[] = {
        {"", 0s},
        {"  ", 0s},
        {"5m", 5min},
        {"5m 30s", 330s},
        {"1w 1d 1h 1m 1s", (8 * 24 + 1) * 1h + 61s},
        {"-5m", -5min},
        {"+5m", 5min},
        {"0s", 0s},
        {"5s\t5s\n5s", 15s},
        {"1h -1m", 59min},
    };
    for (const auto& [text, expected] : cases) {
        const auto parsed = parse_duration(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, expected) << text;
    }
}

TEST(Duration, IsWrittenShortly) {
    EXPECT_EQ(format_duration(5min), "PT5M");
    EXPECT_EQ(format_duration(24h + 1s), "P1DT1S");
    EXPECT_EQ(format_duration(1h + 1s), "PT1H0M1S");
    EXPECT_EQ(format_duration(0s), "PT0S");
    EXPECT_EQ(format_duration(1999ms), "PT1S");
    EXPECT_EQ(format_duration(14 * 24h), "P2W");
}

TEST(Duration, ReadsBackWhatItWrites) {
    std::mt19937_64 random(20131);
    for (int i = 0; i < 10'000; ++i) {
        const Duration duration = std::chrono::seconds(random() % (1ULL << (1 + random() % 40)));
        EXPECT_EQ(parse_duration(format_duration(duration)), duration) << format_duration(duration);
    }
}
