#include "core/mdns_schedule.h"

#include <algorithm>
#include <chrono>

#include "base/duration.h"
#include "core/time.h"

namespace mandos::core {

namespace {

constexpr Duration longest_interval = std::chrono::seconds(60);
constexpr Duration first_pause = std::chrono::milliseconds(20);
constexpr Duration longest_pause = std::chrono::seconds(1);

} // namespace

bool MdnsSchedule::pass(Time now) {
    if (now < next_)
        return false;
    interval_ = interval_ == Duration::zero() ? first_interval_ : std::min(2 * interval_, longest_interval);
    state_ = State::Resting;
    last_query_ = now;
    next_ = now + interval_;
    return true;
}

void MdnsSchedule::unsent(Time now) {
    if (state_ == State::Due)
        return;
    state_ = State::Due;
    pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
    interval_ = Duration::zero();
    next_ = now + pause_;
}

void MdnsSchedule::link_came(Time now) {
    switch (state_) {
    case State::Due:
        pause_ = Duration::zero();
        next_ = now;
        break;
    case State::Resting:
        interval_ = Duration::zero();
        next_ = std::max(now, last_query_ + first_interval_);
        break;
    }
}

} // namespace mandos::core
