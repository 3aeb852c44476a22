#include "core/stored.h"

#include <algorithm>
#include <chrono>

#include "core/life.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

namespace {

using Nanoseconds = Time::duration;

Deadline in(Nanoseconds left, Now now) {
    return {.boot = now.boot + left, .wall = now.wall + std::chrono::duration_cast<WallTime::duration>(left)};
}

} // namespace

Deadline restored(const Deadline& deadline, Now saved, Now now, bool same_boot) {
    // A wall clock may be wrong by more than nanoseconds can tell.
    const auto by_wall =
        std::clamp<WallTime::duration>(deadline.wall - now.wall, -limits::time_span, limits::time_span);
    const Nanoseconds left_when_saved = deadline.boot - saved.boot;
    const Nanoseconds left_now = same_boot ? deadline.boot - now.boot : Nanoseconds(by_wall);
    return in(std::min(left_when_saved, left_now), now);
}

Deadline restored_denial(const Deadline& end, Now saved, Now now, bool same_boot) {
    return same_boot ? restored(end, saved, now, same_boot) : in(end.boot - saved.boot, now);
}

} // namespace mandos::core
