#include "programs/mandos-monitor/log.h"

#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/unit/monitor/sample.h"

namespace mandos::monitor {
namespace {

std::string bottom(const Log& log) {
    return log.lines().at(log.bottom()).text;
}

Log numbered(int lines) {
    Log log;
    for (int i = 0; i < lines; ++i)
        log.add(noon, fmt::format("line {}", i));
    return log;
}

TEST(Log, FindsAndScrollsNothingWhenEmpty) {
    Log log;
    log.scroll(-3);
    log.set_wanted("x");
    EXPECT_FALSE(log.find(Direction::Older));
    EXPECT_EQ(log.back(), 0U);
}

TEST(Log, KeepsAThousandLines) {
    const Log log = numbered(1500);
    EXPECT_EQ(log.lines().size(), Log::lines_kept);
    EXPECT_EQ(log.lines().front().text, "line 500");
    EXPECT_EQ(bottom(log), "line 1499");
}

TEST(Log, StaysWithWhatItShowsWhenScrolledBack) {
    Log log = numbered(20);
    log.scroll(-5);
    EXPECT_EQ(bottom(log), "line 14");
    log.add(noon, "new");
    EXPECT_EQ(bottom(log), "line 14");
    log.scroll(100);
    EXPECT_EQ(bottom(log), "new");
    log.add(noon, "newer");
    EXPECT_EQ(bottom(log), "newer") << "at the end it follows";
    log.scroll(-1000);
    EXPECT_EQ(bottom(log), "line 0");
}

TEST(Log, GoesOnToOlderAndNewerLinesThatHaveWhatIsWanted) {
    Log log = numbered(10);
    log.add(noon, "An Alarm");
    log.add(noon, "quiet");
    log.add(noon, "alarm again");
    log.set_wanted("ALARM");
    EXPECT_TRUE(log.find(Direction::Older));
    EXPECT_EQ(bottom(log), "alarm again") << "the newest itself first";
    EXPECT_TRUE(log.find(Direction::Older));
    EXPECT_EQ(bottom(log), "An Alarm");
    EXPECT_FALSE(log.find(Direction::Older));
    EXPECT_EQ(bottom(log), "An Alarm");
    EXPECT_TRUE(log.find(Direction::Newer));
    EXPECT_EQ(bottom(log), "alarm again");
    EXPECT_FALSE(log.find(Direction::Newer));
}

TEST(FindText, FindsFromAPlaceOn) {
    constexpr auto none = std::string_view::npos;
    EXPECT_EQ(find_text("abcABC", "B"), 1U);
    EXPECT_EQ(find_text("abcABC", "b", 2), 4U);
    EXPECT_EQ(find_text("abc", "x"), none);
    EXPECT_EQ(find_text("abc", ""), none);
    EXPECT_EQ(find_text("abc", "abcd"), none);
    EXPECT_EQ(find_text("abc", "a", 9), none);
}

} // namespace
} // namespace mandos::monitor
