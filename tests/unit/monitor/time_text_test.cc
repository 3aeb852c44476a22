#include "programs/mandos-monitor/time_text.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace mandos::monitor {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;

TEST(ParseTime, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "never", "2026-11-24", "2026-11-24T03:10", "2026-13-24T03:10:42", "2026-02-30T03:10:42",
          "2026-11-24T24:10:42", "2026-11-24T03:60:42", "2026-11-24T03:10:42.", "2026-11-24T03:10:42.x",
          "2026-11-24T03:10:42+01:00", "2026-11-24T+3:10:42", "20261-1-24T03:10:42", "2026-11-24T03:10:4"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(ParseTime, TakesTimesWithAndWithoutFraction) {
    const TimePoint base{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + hours(3) + seconds(642)};
    EXPECT_EQ(parse_time("2026-11-24T03:10:42"), base);
    EXPECT_EQ(parse_time("2026-11-24T03:10:42.106667"), base + microseconds(106667));
    EXPECT_EQ(parse_time("2026-11-24T03:10:42.5"), base + microseconds(500000));
    EXPECT_EQ(parse_time("2026-11-24T03:10:42.123456789"), base + microseconds(123456));
}

TEST(Countdown, ShowsHoursMinutesSeconds) {
    EXPECT_EQ(countdown(seconds(-5)), "0:00:00");
    EXPECT_EQ(countdown(microseconds(999'999)), "0:00:00");
    EXPECT_EQ(countdown(seconds(309)), "0:05:09");
    EXPECT_EQ(countdown(hours(23) + seconds(3599)), "23:59:59");
    EXPECT_EQ(countdown(hours(49)), "2d 1:00:00");
}

TEST(Shown, EscapesWhatSteersATerminal) {
    EXPECT_EQ(shown("plain.example"), "plain.example");
    EXPECT_EQ(shown("Grüße"), "Grüße");
    EXPECT_EQ(shown("red \x1b[31m\n"), "red \\x1b[31m\\n");
    EXPECT_EQ(shown("\xe2\x80\xae"
                    "evil"),
              "\\xe2\\x80\\xaeevil");
    EXPECT_EQ(shown("\xff"), "\\xff");
    EXPECT_EQ(shown(std::string(300, 'x')), std::string(256, 'x') + "...");
    EXPECT_EQ(shown(""), "");
}

} // namespace
} // namespace mandos::monitor
