// How deadlines come out of the store: never with more time than there was.
#include "core/stored.h"

#include <chrono>

#include <gtest/gtest.h>

#include "core/life.h"
#include "core/time.h"
#include "tests/support/core_driver.h"

using mandos::core::Deadline;
using mandos::core::deadline_after;
using mandos::core::Now;
using mandos::core::restored;
using mandos::core::restored_denial;
using mandos::core::Time;
using mandos::core::WallTime;
using mandos::support::later;
using mandos::support::noon;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr bool same_boot = true;
constexpr bool other_boot = false;

const Deadline in_five_minutes = deadline_after(minutes(5), noon);

// The machine has just started; its wall clock says WALL.
Now just_started(WallTime wall) {
    return {.boot = Time(seconds(20)), .wall = wall};
}

Deadline left(Time::duration time, Now now) {
    const Now then = later(now, time);
    return {.boot = then.boot, .wall = then.wall};
}

} // namespace

TEST(ARestoredDeadline, IsNotMovedAwayByAClockThatIsNotSet) {
    const Now now = just_started(WallTime());
    EXPECT_EQ(restored(in_five_minutes, noon, now, other_boot), left(minutes(5), now));
}

TEST(ARestoredDeadline, IsNotMovedAwayByAClockThatWasSetBack) {
    const Now now = just_started(noon.wall - seconds(1));
    EXPECT_EQ(restored(in_five_minutes, noon, now, other_boot), left(minutes(5), now));
}

TEST(ARestoredDeadline, ComesNearerByTheTimeThatPassed) {
    const Now now = just_started(noon.wall + minutes(2));
    EXPECT_EQ(restored(in_five_minutes, noon, now, other_boot), left(minutes(3), now));
}

TEST(ARestoredDeadline, HasPassedWhenItHas) {
    const Now now = just_started(noon.wall + minutes(6));
    EXPECT_EQ(restored(in_five_minutes, noon, now, other_boot), left(-minutes(1), now));
}

TEST(ARestoredDeadline, CountsOnTheBootClockWhileTheMachineHasNotRestarted) {
    Now now = later(noon, minutes(2));
    now.wall -= hours(100);
    EXPECT_EQ(restored(in_five_minutes, noon, now, same_boot), left(minutes(3), now));
    now.wall += hours(200);
    EXPECT_EQ(restored(in_five_minutes, noon, now, same_boot), left(minutes(3), now));
}

TEST(ARestoredDeadline, HasNoMoreTimeThoughTheBootClockWentBack) {
    const Now now{.boot = noon.boot - minutes(30), .wall = noon.wall};
    EXPECT_EQ(restored(in_five_minutes, noon, now, same_boot), left(minutes(5), now));
}

// Clocks of nanoseconds hold 292 years; a broken real-time clock may be off by more.
TEST(ARestoredDeadline, HasPassedForAClockThatIsCenturiesAhead) {
    const Now now = just_started(noon.wall + hours(24 * 365 * 400));
    EXPECT_LE(restored(in_five_minutes, noon, now, other_boot).boot, now.boot);
}

TEST(ARestoredDeadline, IsNotMovedByAClockThatIsCenturiesBehind) {
    const Now now = just_started(noon.wall - hours(24 * 365 * 400));
    EXPECT_EQ(restored(in_five_minutes, noon, now, other_boot), left(minutes(5), now));
}

TEST(ARestoredDenial, IsNotEndedByAClockThatIsAhead) {
    const Now now = just_started(noon.wall + hours(24 * 365));
    EXPECT_EQ(restored_denial(in_five_minutes, noon, now, other_boot), left(minutes(5), now));
}

TEST(ARestoredDenial, IsNotMadeLongerByAClockThatIsBehind) {
    const Now now = just_started(WallTime());
    EXPECT_EQ(restored_denial(in_five_minutes, noon, now, other_boot), left(minutes(5), now));
}

TEST(ARestoredDenial, EndsWhenItWouldHaveWhileTheMachineHasNotRestarted) {
    Now now = later(noon, minutes(2));
    now.wall += hours(100);
    EXPECT_EQ(restored_denial(in_five_minutes, noon, now, same_boot), left(minutes(3), now));
}
