// Each cell of the table of core/plugin_life.h that something happens in, and those where nothing may.
#include "core/plugin_life.h"

#include <chrono>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "core/limits.h"
#include "core/time.h"

namespace limits = mandos::core::limits;
using mandos::core::PluginLife;
using mandos::core::Time;
using Ended = PluginLife::Ended;
using State = PluginLife::State;
using Why = PluginLife::Why;

namespace {

const Time start = Time() + std::chrono::hours(1);
constexpr std::size_t some = 6; // bytes

} // namespace

TEST(PluginLife, IsDoneAfterItsEndAndThatOfItsOutputInBothOrders) {
    PluginLife closing(start);
    closing.wrote(some, start);
    closing.output_ended();
    EXPECT_EQ(closing.state(), State::Silent);
    closing.ended(Ended::Well, start);
    EXPECT_EQ(closing.state(), State::Done);

    PluginLife ending(start);
    ending.wrote(some, start);
    ending.ended(Ended::Well, start);
    EXPECT_EQ(ending.state(), State::Awaited);
    ending.output_ended();
    EXPECT_EQ(ending.state(), State::Done);
    EXPECT_EQ(ending.deadline(), std::nullopt);
}

TEST(PluginLife, HasNoPasswordWhenItWroteNothing) {
    PluginLife life(start);
    life.output_ended();
    life.ended(Ended::Well, start);
    EXPECT_EQ(life.state(), State::Failed);
    EXPECT_EQ(life.why(), Why::NoPassword);
}

TEST(PluginLife, HasNoPasswordWhenItFailedWhateverItWrote) {
    PluginLife life(start);
    life.wrote(some, start);
    life.output_ended();
    life.ended(Ended::Badly, start);
    EXPECT_EQ(life.state(), State::Failed);
    EXPECT_EQ(life.why(), Why::EndedBadly);
}

TEST(PluginLife, WaitsOnlyAMomentForAnOutputThatOthersHoldOpen) {
    PluginLife life(start);
    life.wrote(some, start);
    life.ended(Ended::Well, start);
    ASSERT_EQ(life.deadline(), start + limits::plugin_output_held_open);
    EXPECT_FALSE(life.time_is_up(start));
    EXPECT_EQ(life.state(), State::Awaited);
    EXPECT_FALSE(life.time_is_up(*life.deadline()));
    EXPECT_EQ(life.state(), State::Failed);
    EXPECT_EQ(life.why(), Why::OutputHeldOpen);
    life.output_ended();
    EXPECT_EQ(life.state(), State::Failed);
}

TEST(PluginLife, MayWriteAsMuchAsAPasswordIsLongAndNoByteMore) {
    PluginLife life(start);
    life.wrote(limits::password, start);
    EXPECT_EQ(life.state(), State::Running);
    life.wrote(1, start);
    EXPECT_EQ(life.state(), State::Flooded);
    ASSERT_EQ(life.deadline(), start + limits::plugin_grace);
    EXPECT_TRUE(life.time_is_up(*life.deadline())) << "it is to be killed";
    EXPECT_EQ(life.state(), State::Flooded);
    life.output_ended();
    life.ended(Ended::Well, start);
    EXPECT_EQ(life.state(), State::Failed);
    EXPECT_EQ(life.why(), Why::TooMuch);

    PluginLife left(start);
    left.ended(Ended::Well, start);
    left.wrote(limits::password + 1, start);
    EXPECT_EQ(left.state(), State::Failed);
    EXPECT_EQ(left.why(), Why::TooMuch);
}

TEST(PluginLife, IsStartedAgainAfterGrowingPausesWhenItFailedForNow) {
    PluginLife life(start);
    Time now = start;
    std::vector<std::chrono::nanoseconds> pauses;
    for (int i = 0; i < 8; ++i) {
        life.wrote(some, now);
        life.ended(Ended::ForNow, now);
        ASSERT_EQ(life.state(), State::Waiting);
        pauses.push_back(*life.deadline() - now);
        EXPECT_FALSE(life.time_is_up(now));
        now = *life.deadline();
        EXPECT_TRUE(life.time_is_up(now)) << "it is to be started";
        EXPECT_EQ(life.state(), State::Running);
    }
    using std::chrono::seconds;
    EXPECT_EQ(pauses,
              (std::vector<std::chrono::nanoseconds>{seconds(1), seconds(2), seconds(4), seconds(8),
                                                     seconds(16), seconds(32), seconds(60), seconds(60)}));
    // What it wrote before counts no more.
    life.output_ended();
    life.ended(Ended::Well, now);
    EXPECT_EQ(life.why(), Why::NoPassword);
}

TEST(PluginLife, BeginsWithTheShortestPauseAgainWhenItHasRunForLong) {
    PluginLife life(start);
    life.ended(Ended::ForNow, start);
    Time now = *life.deadline();
    ASSERT_TRUE(life.time_is_up(now));
    now += limits::longest_plugin_pause + std::chrono::seconds(1);
    life.ended(Ended::ForNow, now);
    EXPECT_EQ(*life.deadline() - now, limits::shortest_plugin_pause);
}

TEST(PluginLife, StaysAsItIsWhereTheTableHasNothing) {
    PluginLife done(start);
    done.wrote(some, start);
    done.output_ended();
    done.ended(Ended::Well, start);
    done.ended(Ended::Badly, start);
    done.wrote(limits::password + 1, start);
    EXPECT_EQ(done.state(), State::Done);
    EXPECT_FALSE(done.time_is_up(start + std::chrono::hours(1)));

    PluginLife running(start);
    EXPECT_EQ(running.deadline(), std::nullopt);
    EXPECT_FALSE(running.time_is_up(start + std::chrono::hours(1)));
    EXPECT_EQ(running.state(), State::Running);
}
