// Race with candidates that somebody on a link announced: who gets the next turn, whatever others announce.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/duration.h"
#include "core/race.h"
#include "core/time.h"

using mandos::Duration;
using mandos::core::Announcer;
using mandos::core::Race;
using mandos::core::Time;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using Candidate = mandos::core::Race::Candidate;

namespace {

constexpr Race::Jitter none{};
const Time start = Time(hours(1));

Announcer announcer(int number, std::uint32_t link = 1) {
    return {.link = link, .source = fmt::format("fe80::{:x}", number)};
}

std::string place(int number) {
    return fmt::format("[fe80::1]:{}", number);
}

// Everybody who begins, each as soon as it may, while nobody's try ends; until nobody waits, or LIMIT began.
std::vector<Candidate> all_that_begin(Race& race, Time& now, std::size_t limit = 10'000) {
    std::vector<Candidate> begun;
    while (begun.size() < limit) {
        const auto next = race.next_turn();
        if (!next)
            break;
        now = std::max(now, *next);
        const auto candidate = race.begin_next(now);
        if (!candidate)
            break;
        begun.push_back(*candidate);
    }
    return begun;
}

// How long GOOD waits for its try. The tries of others end never, at once, or just after the next has begun:
// so that there is always exactly one to wait for. BETWEEN is called before each turn.
enum class Ends { Never, AtOnce, WithTheNext };
std::chrono::microseconds time_until_begins(Race& race, Candidate good, Ends ends,
                                            const std::function<void(int turn, Time now)>& between = {}) {
    Time now = start;
    std::optional<Candidate> before;
    for (int turn = 0; turn < 10'000; ++turn) {
        if (between)
            between(turn, now);
        const auto next = race.next_turn();
        if (!next)
            break;
        now = std::max(now, *next);
        const auto begun = race.begin_next(now);
        if (!begun)
            break;
        if (begun == good)
            return std::chrono::ceil<std::chrono::microseconds>(now - start);
        if (ends == Ends::AtOnce)
            (void)race.failed(*begun, now, none);
        if (ends == Ends::WithTheNext && before)
            (void)race.failed(*before, now, none);
        before = begun;
    }
    ADD_FAILURE() << "the good one was never tried";
    return {};
}

} // namespace

TEST(RaceFoundDeathTest, RefusesToRemoveWhatWasFound) {
    Race race({});
    const auto found = race.found(announcer(1), place(1), start);
    EXPECT_DEATH(race.remove(*found), "was given");
}

TEST(RaceFound, TakesAnnouncersByTurnsAndNotTheirServices) {
    Race race({});
    Time now = start;
    std::vector<Candidate> many;
    for (int i = 0; i < 3; ++i)
        many.push_back(*race.found(announcer(1), place(i), now));
    const Candidate one = *race.found(announcer(2), place(1), now);
    EXPECT_THAT(all_that_begin(race, now), ElementsAre(many[0], one, many[1], many[2]));
}

TEST(RaceFound, AnnouncedAgainIsTheSame) {
    Race race({});
    const auto first = race.found(announcer(1), place(1), start);
    EXPECT_EQ(race.found(announcer(1), place(1), start), first);
    ASSERT_EQ(race.begin_next(start), first);
    EXPECT_EQ(race.found(announcer(1), place(1), start), first);
    EXPECT_EQ(race.candidates(), 1U);
    EXPECT_EQ(race.next_turn(), std::nullopt);
}

TEST(RaceFound, TwoThousandServicesOfOneAreInNobodysWay) {
    Race race({});
    Time now = start;
    std::size_t taken = 0;
    for (int i = 0; i < 2000; ++i)
        taken += static_cast<std::size_t>(race.found(announcer(1), place(i), now).has_value());
    EXPECT_EQ(taken, mandos::core::limits::announcer_candidates);
    const Candidate good = *race.found(announcer(2), place(1), now);
    const auto begun = all_that_begin(race, now, 2);
    EXPECT_EQ(begun.at(1), good);
    EXPECT_LE(now - start, milliseconds(100));
}

TEST(RaceFound, ALineOfHangingAnnouncersCostsTheLastATenthOfASecondHoweverLongItIs) {
    for (const int ahead : {1, 2, 4, 20, 200, 380}) {
        Race race({});
        Time now = start;
        for (int i = 0; i < 2000; ++i)
            (void)race.found(announcer(i % ahead), place(i), now);
        const Candidate good = *race.found(announcer(9999), place(1), now);
        EXPECT_LE(time_until_begins(race, good, Ends::Never), milliseconds(151)) << ahead;
    }
}

TEST(RaceFound, SoDoesALineOfThoseThatRefuseOrFailWhenItSuitsThem) {
    for (const int ahead : {1, 2, 4, 20, 200, 500}) {
        for (const Ends ends : {Ends::AtOnce, Ends::WithTheNext}) {
            Race race({});
            for (int i = 0; i < ahead; ++i)
                (void)race.found(announcer(i), place(1), start);
            const Candidate good = *race.found(announcer(9999), place(1), start);
            EXPECT_LE(time_until_begins(race, good, ends), milliseconds(151)) << ahead;
        }
    }
}

TEST(RaceFound, ALineOnAnotherLinkThatGrowsCostsNoMoreThanALink) {
    Race race({});
    for (int i = 0; i < 200; ++i)
        (void)race.found(announcer(i), place(1), start);
    const Candidate good = *race.found(announcer(9999), place(1), start);
    EXPECT_LE(time_until_begins(
                  race, good, Ends::Never,
                  [&race](int turn, Time now) { (void)race.found(announcer(turn, 2), place(1), now); }),
              milliseconds(201));
}

TEST(RaceFound, OneThatIsAloneInTheLineLeavesTheOneBeforeItATenthOfASecond) {
    Race race({});
    Time now = start;
    for (int i = 0; i < 20; ++i)
        (void)race.found(announcer(i), place(1), now);
    EXPECT_EQ(all_that_begin(race, now).size(), 20U);
    (void)race.found(announcer(20), place(1), now);
    EXPECT_EQ(race.next_turn(), now + milliseconds(100));
}

TEST(RaceFound, AFloodOnOneLinkLeavesTheOthersTheirTurns) {
    Race race({});
    Time now = start;
    for (int i = 0; i < 2000; ++i)
        (void)race.found(announcer(i, 1), place(1), now);
    const Candidate other = *race.found(announcer(1, 2), place(1), now);
    EXPECT_THAT(all_that_begin(race, now, 2), testing::Contains(other));
}

TEST(RaceFound, WhatTheAdministratorNamedHasEachSecondTurn) {
    Race race({});
    Time now = start;
    for (int i = 0; i < 2000; ++i)
        (void)race.found(announcer(i), place(1), now);
    std::vector<Candidate> given;
    for (int i = 0; i < 3; ++i)
        given.push_back(race.add(now));
    const auto begun = all_that_begin(race, now, 6);
    EXPECT_EQ(begun[0], given[0]);
    EXPECT_EQ(begun[2], given[1]);
    EXPECT_EQ(begun[4], given[2]);
}

TEST(RaceFound, NewAnnouncersLeaveEachFourthTurnToThoseThatAreTriedAgain) {
    Race race({});
    Time now = start;
    const Candidate known = *race.found(announcer(0), place(1), now);
    ASSERT_EQ(race.begin_next(now), known);
    ASSERT_TRUE(race.failed(known, now, none));
    now += hours(1);
    for (int i = 1; i < 100; ++i)
        (void)race.found(announcer(i), place(1), now);
    const auto begun = all_that_begin(race, now, 4);
    EXPECT_EQ(std::ranges::count(begun, known), 1);
    EXPECT_NE(begun.front(), known) << "a new one goes before it";
}

TEST(RaceFound, NoMoreNewAnnouncersAreTakenThanWait) {
    Race race({.new_announcers = 2});
    const auto first = race.found(announcer(1), place(1), start);
    EXPECT_TRUE(race.found(announcer(2), place(1), start));
    EXPECT_FALSE(race.found(announcer(3), place(1), start));
    EXPECT_TRUE(race.found(announcer(3, 2), place(1), start)) << "on another link";
    ASSERT_EQ(race.begin_next(start), first);
    EXPECT_TRUE(race.found(announcer(3), place(1), start)) << "one had its turn";
}

TEST(RaceFound, TheYoungestOfTooManyKnownAnnouncersIsForgotten) {
    Race race({.known_announcers = 2});
    Time now = start;
    std::vector<Candidate> begun;
    for (int i = 0; i < 3; ++i) {
        begun.push_back(*race.found(announcer(i), place(1), now));
        now += seconds(1);
        ASSERT_EQ(race.begin_next(now), begun.back());
        if (i < 2) {
            ASSERT_TRUE(race.failed(begun.back(), now, none));
        }
        now += milliseconds(10);
    }
    EXPECT_TRUE(race.knows(begun[0]));
    EXPECT_FALSE(race.knows(begun[1]));
    EXPECT_TRUE(race.knows(begun[2]));
    EXPECT_TRUE(race.found(announcer(1), place(1), now)) << "it may come again";
}

TEST(RaceFound, WhatFailedMostOftenOfOneAnnouncerGivesWay) {
    Race race({.announcer_candidates = 2});
    Time now = start;
    const Candidate first = *race.found(announcer(1), place(1), now);
    const Candidate second = *race.found(announcer(1), place(2), now);
    EXPECT_FALSE(race.found(announcer(1), place(3), now)) << "none of them has failed";
    ASSERT_EQ(race.begin_next(now), first);
    EXPECT_FALSE(race.found(announcer(1), place(3), now));
    ASSERT_TRUE(race.failed(first, now, none));
    const auto third = race.found(announcer(1), place(3), now);
    ASSERT_TRUE(third);
    EXPECT_FALSE(race.knows(first));
    EXPECT_TRUE(race.knows(second));
}

TEST(RaceFound, AnAnnouncerThatStallsHoldsFewSlots) {
    Race race({.announcer_tries = 2});
    Time now = start;
    for (int i = 0; i < 5; ++i)
        (void)race.found(announcer(1), place(i), now);
    EXPECT_EQ(all_that_begin(race, now).size(), 2U);
    const auto other = race.found(announcer(2), place(1), now);
    now += milliseconds(100);
    EXPECT_EQ(race.begin_next(now), other);
}

TEST(RaceFound, WhereAllSlotsAreHeldTheYoungestGivesWayToANewOne) {
    Race race({.found_tries = 3});
    Time now = start;
    const Candidate given = race.add(now);
    for (int i = 0; i < 3; ++i)
        (void)race.found(announcer(i), place(1), now);
    const auto begun = all_that_begin(race, now);
    ASSERT_EQ(begun.size(), 4U);
    EXPECT_EQ(race.hang_up_next(now + hours(1)), std::nullopt) << "nobody new waits";
    const Candidate fresh = *race.found(announcer(9), place(1), now);
    EXPECT_EQ(race.hang_up_next(now), std::nullopt) << "each has some time for itself";
    now += seconds(1);
    EXPECT_LE(*race.next_turn(), now);
    EXPECT_EQ(race.hang_up_next(now), begun.back());
    EXPECT_EQ(race.hang_up_next(now), std::nullopt);
    EXPECT_EQ(race.begin_next(now), std::nullopt);
    EXPECT_TRUE(race.failed(begun.back(), now, none));
    EXPECT_EQ(race.begin_next(now), fresh);
    EXPECT_NE(begun.back(), given);
}

TEST(RaceFound, AGoodbyeEndsNoTryAndNotTheFirstOne) {
    Race race({});
    const Candidate early = *race.found(announcer(1), place(1), start);
    race.gone(announcer(1), place(1), start);
    ASSERT_EQ(race.begin_next(start), early) << "a goodbye may be forged";
    EXPECT_EQ(race.failed(early, start, none), std::nullopt);
    EXPECT_EQ(race.next_turn(), std::nullopt) << "but it is not tried again";

    const Candidate answering = *race.found(announcer(2), place(1), start);
    ASSERT_EQ(race.begin_next(start + seconds(1)), answering);
    race.gone(announcer(2), place(1), start);
    race.gone(announcer(3), place(1), start); // nobody knows that one
    EXPECT_TRUE(race.answered(answering));
}

TEST(RaceFound, GoingAndComingBackGainsNothing) {
    Race race({.gone_server_memory = seconds(60)});
    Time now = start;
    const Candidate it = *race.found(announcer(1), place(1), now);
    ASSERT_EQ(race.begin_next(now), it);
    EXPECT_EQ(race.failed(it, now, none), seconds(1));
    for (int i = 0; i < 10; ++i) {
        race.gone(announcer(1), place(1), now);
        EXPECT_EQ(race.found(announcer(1), place(1), now), it);
    }
    EXPECT_EQ(race.next_turn(), now + seconds(1));
    now += seconds(1);
    ASSERT_EQ(race.begin_next(now), it);
    EXPECT_EQ(race.failed(it, now, none), seconds(2));

    race.gone(announcer(1), place(1), now);
    now += seconds(60);
    EXPECT_EQ(race.found(announcer(1), place(1), now), it);
    ASSERT_EQ(race.begin_next(now), it);
    EXPECT_EQ(race.failed(it, now, none), seconds(1)) << "after a minute it starts anew";
}

TEST(RaceFound, FourThatHangCostTheFifthATenthOfASecond) {
    Race race({});
    Time now = start;
    for (int i = 0; i < 5; ++i)
        (void)race.found(announcer(i), place(1), now);
    EXPECT_EQ(all_that_begin(race, now).size(), 5U);
    EXPECT_LE(now - start, milliseconds(101));

    Race given({});
    now = start;
    for (int i = 0; i < 5; ++i)
        (void)given.add(now);
    EXPECT_EQ(all_that_begin(given, now).size(), 5U);
    EXPECT_LE(now - start, milliseconds(101));
}

TEST(RaceFound, ThoseThatRefuseAtOnceCostNextToNothing) {
    Race race({});
    Time now = start;
    for (int i = 0; i < 20; ++i)
        (void)race.found(announcer(i), place(1), now);
    for (int i = 0; i < 20; ++i) {
        now = std::max(now, *race.next_turn());
        const auto begun = race.begin_next(now);
        ASSERT_TRUE(begun);
        (void)race.failed(*begun, now, none);
    }
    EXPECT_LE(now - start, milliseconds(200));
}
