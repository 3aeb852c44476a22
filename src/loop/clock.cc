#include "loop/clock.h"

#include <chrono>
#include <ctime>

#include "base/check.h"
#include "core/time.h"

namespace mandos::loop {

core::Time now() {
    timespec time{};
    check(clock_gettime(CLOCK_BOOTTIME, &time) == 0, "Linux has a boot-time clock");
    return core::Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

core::Now moment() {
    return {.boot = now(),
            .wall = std::chrono::time_point_cast<core::WallTime::duration>(std::chrono::system_clock::now())};
}

} // namespace mandos::loop
