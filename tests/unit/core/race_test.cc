#include "core/race.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/duration.h"
#include "core/time.h"

using mandos::Duration;
using mandos::core::Race;
using mandos::core::Time;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Candidate = mandos::core::Race::Candidate;

namespace {

constexpr Race::Jitter none{};
const Time start = Time(hours(1));

} // namespace

TEST(RaceDeathTest, RefusesWhatItsTableDoesNotHave) {
    Race race({});
    const Candidate waiting = race.add(start);
    EXPECT_DEATH((void)race.failed(waiting, start, none), "a try that ends has begun");
    EXPECT_DEATH((void)race.rested(waiting, start), "a try that ends has begun");
    EXPECT_DEATH((void)race.answered(waiting), "a try that ends has begun");
    race.remove(waiting);
    EXPECT_DEATH(race.remove(waiting), "is there");
    EXPECT_DEATH((void)race.failed(waiting, start, none), "a try that ends has begun");
    EXPECT_DEATH((void)race.answered(Candidate{7}), "a try that ends has begun");
}

TEST(Race, BeginsTriesOneAfterTheOtherWithoutWaitingForTheirEnd) {
    Race race({});
    const Candidate first = race.add(start);
    const Candidate second = race.add(start);
    EXPECT_EQ(race.begin_next(start), first);
    EXPECT_EQ(race.begin_next(start), std::nullopt);
    EXPECT_EQ(race.next_turn(), start + milliseconds(100));
    EXPECT_EQ(race.begin_next(start + milliseconds(99)), std::nullopt);
    EXPECT_EQ(race.begin_next(start + milliseconds(100)), second);
    EXPECT_EQ(race.next_turn(), std::nullopt);
}

TEST(Race, DoesNotWaitForTheStaggerWhenNobodyIsBeingTried) {
    Race race({});
    const Candidate first = race.add(start);
    const Candidate second = race.add(start);
    EXPECT_EQ(race.begin_next(start), first);
    EXPECT_EQ(race.failed(first, start + milliseconds(1), none), seconds(1));
    EXPECT_EQ(race.begin_next(start + milliseconds(1)), second);
}

TEST(Race, DoublesTheBackOffUpToTheLimit) {
    Race race({.longest_retry = seconds(10)});
    const Candidate only = race.add(start);
    Time now = start;
    std::vector<Duration> waits;
    for (int i = 0; i < 40; ++i) {
        ASSERT_EQ(race.begin_next(now), only);
        waits.push_back(*race.failed(only, now, none));
        EXPECT_EQ(race.begin_next(now + waits.back() - milliseconds(1)), std::nullopt);
        now += waits.back();
    }
    waits.resize(6);
    EXPECT_EQ(waits, (std::vector<Duration>{seconds(1), seconds(2), seconds(4), seconds(8), seconds(10),
                                            seconds(10)}));
}

TEST(Race, TriesAllAgainWhenTheNetworkChanged) {
    Race race({});
    const Candidate first = race.add(start);
    const Candidate second = race.add(start);
    ASSERT_EQ(race.begin_next(start), first);
    EXPECT_EQ(race.failed(first, start, none), seconds(1));
    ASSERT_EQ(race.begin_next(start), second);
    EXPECT_EQ(race.failed(second, start, none), seconds(1));
    race.network_changed(start + milliseconds(300));
    EXPECT_EQ(race.begin_next(start + milliseconds(300)), first);
    EXPECT_EQ(race.failed(first, start + milliseconds(301), none), seconds(2)); // the back-off goes on
    EXPECT_EQ(race.begin_next(start + milliseconds(301)), second);
}

TEST(Race, TriesNobodyMoreOftenThanTheShortestRetryHoweverOftenTheNetworkChanges) {
    Race race({});
    const Candidate only = race.add(start);
    int tries = 0;
    for (Time now = start; now < start + seconds(1); now += milliseconds(1)) {
        race.network_changed(now);
        if (race.begin_next(now)) {
            ++tries;
            (void)race.failed(only, now, none);
        }
    }
    EXPECT_EQ(tries, 10);
}

TEST(Race, TakesARetryOfNothingAsAShortOne) {
    Race race({.longest_retry = Duration::zero()});
    const Candidate only = race.add(start);
    ASSERT_EQ(race.begin_next(start), only);
    EXPECT_EQ(race.failed(only, start, none), milliseconds(100));
}

TEST(Race, LeavesOutAtMostAQuarterForJitter) {
    Race race({.first_retry = seconds(4)});
    const Candidate only = race.add(start);
    ASSERT_EQ(race.begin_next(start), only);
    EXPECT_EQ(race.failed(only, start, {.thousandths = 1000}), seconds(3));
    ASSERT_EQ(race.begin_next(start + seconds(3)), only);
    EXPECT_DEATH((void)race.failed(only, start, {.thousandths = 1001}), "jitter");
}

TEST(Race, IsOverWithTheFirstAnswer) {
    Race race({});
    const Candidate first = race.add(start);
    const Candidate second = race.add(start);
    (void)race.add(start);
    ASSERT_EQ(race.begin_next(start), first);
    ASSERT_EQ(race.begin_next(start + seconds(1)), second);
    EXPECT_TRUE(race.answered(second));
    EXPECT_TRUE(race.is_over());
    EXPECT_EQ(race.winner(), second);
    EXPECT_FALSE(race.answered(first));
    EXPECT_EQ(race.failed(first, start, none), std::nullopt);
    EXPECT_EQ(race.begin_next(start + hours(1)), std::nullopt);
    EXPECT_EQ(race.next_turn(), std::nullopt);
    EXPECT_EQ(race.winner(), second);
}

TEST(Race, TriesOneThatHasRestedAgainAndForgetsItsFailures) {
    Race race({});
    const Candidate name = race.add(start);
    ASSERT_EQ(race.begin_next(start), name);
    EXPECT_EQ(race.failed(name, start, none), seconds(1));
    ASSERT_EQ(race.begin_next(start + seconds(1)), name);
    EXPECT_EQ(race.rested(name, start + seconds(1)), seconds(10));
    ASSERT_EQ(race.begin_next(start + seconds(11)), name);
    EXPECT_EQ(race.failed(name, start + seconds(11), none), seconds(1));
}

TEST(Race, TriesOneThatWasRemovedNoMoreButTakesItsAnswer) {
    Race race({});
    const Candidate waiting = race.add(start);
    race.remove(waiting);
    EXPECT_EQ(race.begin_next(start), std::nullopt);

    const Candidate failing = race.add(start);
    ASSERT_EQ(race.begin_next(start), failing);
    race.remove(failing);
    EXPECT_EQ(race.failed(failing, start, none), std::nullopt);
    EXPECT_EQ(race.candidates(), 0U);
    EXPECT_EQ(race.next_turn(), std::nullopt);

    const Candidate answering = race.add(start);
    ASSERT_EQ(race.begin_next(start), answering);
    race.remove(answering);
    EXPECT_TRUE(race.answered(answering));
}

TEST(Race, PrefersOneNeverTriedToThoseThatFailed) {
    Race race({});
    const Candidate failed = race.add(start);
    ASSERT_EQ(race.begin_next(start), failed);
    ASSERT_TRUE(race.failed(failed, start, none));
    const Candidate fresh = race.add(start + hours(1));
    EXPECT_EQ(race.begin_next(start + hours(1)), fresh);
    EXPECT_EQ(race.begin_next(start + hours(1)), std::nullopt);
    EXPECT_EQ(race.begin_next(start + hours(1) + milliseconds(100)), failed);
}

// Long random sequences of everything that may happen, held against what the race promises.
TEST(Race, KeepsItsPromisesWhateverHappens) {
    std::random_device seeds;
    for (int round = 0; round < 300; ++round) {
        const auto seed = seeds();
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        std::mt19937 random(seed);
        const auto pick = [&random](int below) {
            return std::uniform_int_distribution<int>(0, below - 1)(random);
        };
        const Race::Settings settings{.longest_retry = milliseconds(pick(20'000))};
        const Duration longest = std::max(settings.longest_retry, settings.shortest_retry);
        Race race(settings);
        Time now = start;
        Time last_begin = Time::min();
        std::optional<Candidate> last; // that began, while it goes on
        std::set<Candidate> fresh;     // those that wait and were never tried
        std::set<Candidate> trying;
        std::set<Candidate> removed;
        std::map<Candidate, Time> due; // the latest that each of those waiting has to be due
        for (int step = 0; step < 400; ++step) {
            now += milliseconds(pick(200));
            if (pick(10) == 0) {
                const Candidate added = race.add(now);
                ASSERT_TRUE(due.emplace(added, now).second) << "a number is never used twice";
                ASSERT_FALSE(trying.contains(added));
                fresh.insert(added);
            }
            // The stagger is for who began last and is shared by all who wait for their first try.
            const auto parts = static_cast<Duration::rep>(std::max<std::size_t>(fresh.size(), 1));
            const Duration stagger = std::max(settings.stagger / parts, settings.shortest_stagger);
            const bool is_early = last && now - last_begin < stagger;
            if (const auto next = race.next_turn(); next && *next <= now) {
                const auto begun = race.begin_next(now);
                ASSERT_TRUE(begun) << "next_turn() keeps its word";
                ASSERT_FALSE(removed.contains(*begun));
                ASSERT_TRUE(trying.insert(*begun).second) << "one try at a time";
                ASSERT_EQ(due.erase(*begun), 1U);
                ASSERT_FALSE(is_early);
                fresh.erase(*begun);
                last = begun;
                last_begin = now;
            } else {
                ASSERT_EQ(race.begin_next(now), std::nullopt);
                // Nobody is overlooked: whoever waits longer than is due does so for the stagger alone.
                for (const auto& [candidate, time] : due)
                    ASSERT_TRUE(time > now || is_early);
            }
            ASSERT_EQ(race.next_turn().has_value(), !due.empty());
            if (trying.empty())
                continue;
            const Candidate some = *std::next(trying.begin(), pick(static_cast<int>(trying.size())));
            const auto ended = [&](std::optional<Duration> wait) {
                trying.erase(some);
                if (last == some)
                    last.reset();
                ASSERT_EQ(wait.has_value(), !removed.contains(some));
                if (!wait)
                    return;
                ASSERT_GT(*wait, Duration::zero());
                ASSERT_LE(*wait, longest);
                due.emplace(some, now + *wait);
            };
            switch (pick(8)) {
            case 0:
            case 1:
            case 2:
                ended(race.failed(some, now, {.thousandths = static_cast<std::uint16_t>(pick(1001))}));
                break;
            case 3:
                ended(race.rested(some, now));
                break;
            case 4:
                race.remove(some);
                removed.insert(some);
                break;
            default: // it takes longer
                break;
            }
            if (pick(1000) == 0 && trying.contains(some)) {
                ASSERT_TRUE(race.answered(some));
                ASSERT_EQ(race.begin_next(now + hours(1)), std::nullopt);
                ASSERT_EQ(race.winner(), some);
                break;
            }
            ASSERT_EQ(race.candidates(), trying.size() + due.size());
        }
    }
}
