#include "core/mdns_schedule.h"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "base/duration.h"
#include "core/time.h"

using mandos::Duration;
using mandos::core::MdnsSchedule;
using mandos::core::Time;
using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Time start = Time(hours(1));

} // namespace

TEST(MdnsSchedule, AsksAtOnceAndThenMoreAndMoreSeldom) { // RFC 6762 §5.2
    MdnsSchedule schedule(start, seconds(1));
    Time now = start;
    std::vector<long> waits;
    for (int i = 0; i < 9; ++i) {
        EXPECT_FALSE(schedule.pass(now - milliseconds(1)));
        ASSERT_TRUE(schedule.pass(now));
        EXPECT_FALSE(schedule.pass(now));
        waits.push_back(duration_cast<seconds>(schedule.next() - now).count());
        now = schedule.next();
    }
    EXPECT_EQ(waits, (std::vector<long>{1, 2, 4, 8, 16, 32, 60, 60, 60}));
}

TEST(MdnsSchedule, TriesAgainSoonWhatCouldNotBeSent) {
    MdnsSchedule schedule(start, seconds(1));
    Time now = start;
    std::vector<long> pauses;
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(schedule.pass(now));
        schedule.unsent(now);
        pauses.push_back(duration_cast<milliseconds>(schedule.next() - now).count());
        now = schedule.next();
    }
    EXPECT_EQ(pauses, (std::vector<long>{20, 40, 80, 160, 320, 640, 1000, 1000}));
    schedule.unsent(now); // nothing was sent since: nothing to take back
    EXPECT_EQ(schedule.next(), now);
    ASSERT_TRUE(schedule.pass(now));
    EXPECT_EQ(schedule.next(), now + seconds(1)); // as after any first query
}

TEST(MdnsSchedule, AsksAtOnceWhenTheLinkHasWhatWasMissing) {
    MdnsSchedule schedule(start, seconds(1));
    for (int i = 0; i < 6; ++i) {
        ASSERT_TRUE(schedule.pass(schedule.next()));
        schedule.unsent(schedule.next());
    }
    const Time now = start + seconds(1);
    schedule.link_came(now);
    EXPECT_TRUE(schedule.pass(now));
}

TEST(MdnsSchedule, BeginsAnewWithALinkThatComesAgainButNotWithinASecond) {
    MdnsSchedule schedule(start, milliseconds(1200));
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(schedule.pass(schedule.next()));
    const Time last = schedule.next() - 16 * milliseconds(1200);
    schedule.link_came(last + milliseconds(10));
    EXPECT_EQ(schedule.next(), last + milliseconds(1200));
    schedule.link_came(last + seconds(5));
    EXPECT_EQ(schedule.next(), last + seconds(5));
    ASSERT_TRUE(schedule.pass(last + seconds(5)));
    EXPECT_EQ(schedule.next(), last + seconds(5) + milliseconds(1200));
}
