#include "adapters/bus/backlog.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include "core/limits.h"

using mandos::bus::Backlog;
using mandos::core::limits::bus_stall;
using namespace std::chrono_literals;

namespace {

constexpr Backlog::Moment start{1h};

// What is left after a ping that is never answered.
Backlog pinged() {
    Backlog backlog;
    backlog.sent(10);
    backlog.pinged();
    return backlog;
}

} // namespace

TEST(Backlog, StallsWhenNothingIsTaken) {
    Backlog backlog;
    backlog.sent(10);
    backlog.look(1, 0);
    EXPECT_FALSE(backlog.stalls(start));
    backlog.look(1, 0);
    EXPECT_FALSE(backlog.stalls(start + bus_stall - 1ms));
    backlog.sent(10); // more of it is no sign of life
    backlog.look(2, 0);
    EXPECT_TRUE(backlog.stalls(start + bus_stall));
}

TEST(Backlog, StallsWhenThePingIsNotAnswered) {
    Backlog backlog = pinged();
    backlog.look(0, 0);
    EXPECT_FALSE(backlog.stalls(start));
    backlog.look(0, 0);
    EXPECT_TRUE(backlog.stalls(start + bus_stall));
    backlog.answered();
    EXPECT_FALSE(backlog.stalls(start + bus_stall));
}

TEST(Backlog, HasTimeAnewWithEachMessageAndByteThatIsTaken) {
    Backlog backlog = pinged();
    for (int i = 0; i < 5; ++i)
        backlog.sent(10);
    backlog.look(6, 100);
    EXPECT_FALSE(backlog.stalls(start));
    backlog.look(5, 100);
    EXPECT_FALSE(backlog.stalls(start + bus_stall));
    backlog.look(5, 99);
    EXPECT_FALSE(backlog.stalls(start + 2 * bus_stall));
    backlog.look(5, 99);
    EXPECT_TRUE(backlog.stalls(start + 3 * bus_stall));
}

TEST(Backlog, CountsFromWhenTheQueueWasEmpty) {
    Backlog backlog;
    backlog.sent(10);
    backlog.sent(20);
    backlog.look(1, 0);
    EXPECT_EQ(backlog.bytes(), 30U);
    backlog.look(0, 7); // in the socket: the kernel has them
    EXPECT_EQ(backlog.bytes(), 0U);
    EXPECT_FALSE(backlog.stalls(start));
}

TEST(Backlog, AsksTheBusNowAndThenButOneQuestionAtATime) {
    Backlog backlog;
    EXPECT_FALSE(backlog.wants_ping(start)) << "nothing was sent";
    backlog.sent(10);
    EXPECT_FALSE(backlog.wants_ping(start));
    EXPECT_EQ(backlog.next_look(start), start + 1s);
    EXPECT_TRUE(backlog.wants_ping(start + 1s));
    backlog.pinged();
    backlog.sent(10);
    EXPECT_FALSE(backlog.wants_ping(start + 5s));
    backlog.answered();
    EXPECT_FALSE(backlog.wants_ping(start + 5s));
    EXPECT_TRUE(backlog.wants_ping(start + 6s));
}

TEST(Backlog, NeedsNoLookWhenAllWasTaken) {
    Backlog backlog = pinged();
    backlog.look(0, 0);
    EXPECT_FALSE(backlog.stalls(start));
    EXPECT_EQ(backlog.next_look(start), start + 1s);
    backlog.answered();
    EXPECT_FALSE(backlog.stalls(start));
    EXPECT_EQ(backlog.next_look(start), std::nullopt);
}
