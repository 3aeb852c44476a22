// Points in time as the core sees them. Deadlines count on the boot-time clock (clock_gettime(2),
// CLOCK_BOOTTIME), which counts suspended time too and never jumps; wall-clock times are what people read,
// and what holds when the machine has restarted. The core never asks for the time: it is told (loop/clock.h).
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
using WallTime = std::chrono::sys_time<std::chrono::microseconds>; // UTC

// One moment on both clocks.
struct Now {
    Time boot;
    WallTime wall;
};

} // namespace mandos::core
