// Points in time as the core sees them: on the boot-time clock (clock_gettime(2), CLOCK_BOOTTIME), which
// counts suspended time too and never jumps. The core never asks for the time: it is told (loop/clock.h).
#pragma once

#include <chrono>

namespace mandos::core {

struct BootClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootClock>;
    static constexpr bool is_steady = true;
};

using Time = BootClock::time_point;

} // namespace mandos::core
