// Race against whatever is announced: many random worlds, in which hostile announcers announce, withdraw,
// refuse and stall as they like, and made-up ones come all the time. In each of them the good server's first
// try begins within so many turns and so much time as the limits say, from when it is taken; and it is tried
// again.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/duration.h"
#include "core/limits.h"
#include "core/race.h"
#include "core/time.h"

using mandos::Duration;
using mandos::core::Announcer;
using mandos::core::Race;
using mandos::core::Time;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Candidate = mandos::core::Race::Candidate;
namespace limits = mandos::core::limits;

namespace {

class World {
  public:
    explicit World(std::uint32_t seed) : random_(seed), race_({}) {
        links_ = 1 + pick(3);
        flood_ = pick(40);
        announcers_ = pick(2) == 0 ? 1 + pick(50) : 1'000'000;
        services_ = 1 + pick(20);
        const int given = pick(6);
        for (int i = 0; i < given; ++i)
            (void)race_.add(now_);
    }

    // Until the good server has been tried TRIES times.
    void run(int tries) {
        const Time appears = now_ + milliseconds(pick(5000));
        Time announced = appears;
        const auto link = static_cast<std::uint32_t>(pick(links_));
        const Announcer good{.link = link, .source = "good"};
        int tried = 0;
        while (tried < tries) {
            ASSERT_LT(now_ - start_, hours(1)) << "the good one was never taken";
            const int announcements = pick(flood_ + 1);
            const int before = pick(announcements + 1); // the good one
            be_hostile(before);
            if (now_ >= announced) {
                const auto taken = race_.found(good, "good", now_);
                if (taken && good_ != taken)
                    take_good(*taken);
                announced = now_ + milliseconds(500);
            }
            be_hostile(announcements - before);
            while (const auto begun = race_.begin_next(now_)) {
                ++begun_;
                if (begun == good_) {
                    ++tried;
                    if (tried == 1)
                        expect_in_time();
                    if (HasFatalFailure())
                        return;
                }
                ends_.emplace(now_ + time_of(*begun), *begun);
            }
            while (const auto hung_up = race_.hang_up_next(now_))
                end_try(*hung_up);
            now_ += milliseconds(1 + pick(20));
            while (!ends_.empty() && ends_.begin()->first <= now_)
                end_try(ends_.begin()->second);
        }
    }

    static bool HasFatalFailure() { return testing::Test::HasFatalFailure(); }

  private:
    int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

    void be_hostile(int announcements) {
        for (int i = 0; i < announcements; ++i) {
            const Announcer announcer{.link = static_cast<std::uint32_t>(pick(links_)),
                                      .source = fmt::format("{}", pick(announcers_))};
            const auto place = fmt::format("{}", pick(services_));
            if (pick(4) == 0)
                race_.gone(announcer, place, now_);
            else
                (void)race_.found(announcer, place, now_);
        }
    }

    // Within its link it is behind those that wait already; links have turns; found ones have 3 of 8 turns if
    // everybody else always has somebody.
    void take_good(Candidate taken) {
        good_ = taken;
        begun_ = 0;
        taken_ = now_;
    }

    void expect_in_time() {
        const auto ahead = static_cast<double>(limits::new_announcers) * links_;
        ASSERT_LE(begun_, ahead * 8 / 3 + 8);
        // A turn takes less, but this world looks each 20 ms only.
        ASSERT_LE(now_ - taken_,
                  std::chrono::round<Duration>((ahead * 8 / 3 + 8) * milliseconds(20)) + seconds(1));
    }

    Duration time_of(Candidate candidate) {
        if (candidate == good_)
            return milliseconds(5);
        switch (pick(3)) {
        case 0:
            return Duration::zero();
        case 1:
            return milliseconds(pick(200));
        default:
            return seconds(1 + pick(60));
        }
    }

    void end_try(Candidate candidate) {
        const auto end =
            std::ranges::find_if(ends_, [candidate](const auto& value) { return value.second == candidate; });
        ASSERT_NE(end, ends_.end());
        ends_.erase(end);
        (void)race_.failed(candidate, now_, {.thousandths = static_cast<std::uint16_t>(pick(1001))});
    }

    std::mt19937 random_;
    Race race_;
    const Time start_ = Time(hours(1));
    Time now_ = start_;
    int links_ = 1;
    int flood_ = 0;      // announcements at a time
    int announcers_ = 1; // that there are
    int services_ = 1;   // of each
    std::multimap<Time, Candidate> ends_;
    std::optional<Candidate> good_;
    Time taken_;
    double begun_ = 0; // since then
};

std::uint32_t first_seed() {
    const char* given = std::getenv("MANDOS_TEST_SEED"); // NOLINT(concurrency-mt-unsafe)
    return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                            : std::random_device{}();
}

} // namespace

TEST(RaceFlood, TheGoodServerIsTriedAndTriedAgainWhateverIsAnnounced) {
    const std::uint32_t seed = first_seed();
    for (std::uint32_t round = 0; round < 20; ++round) {
        SCOPED_TRACE(fmt::format("MANDOS_TEST_SEED={}", seed + round));
        World world(seed + round);
        world.run(3);
        ASSERT_FALSE(HasFatalFailure());
    }
}
