#include "core/life.h"

#include <algorithm>
#include <chrono>

#include "base/duration.h"
#include "core/client.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

Duration countable(Duration duration) {
    return std::clamp<Duration>(duration, Duration::zero(), limits::time_span);
}

Deadline deadline_after(Duration duration, Now now) {
    const Duration counted = countable(duration);
    return {.boot = now.boot + counted, .wall = now.wall + counted};
}

Duration length(Allowance allowance, const ClientSettings& settings) {
    return countable(allowance == Allowance::Timeout ? settings.timeout : settings.extended_timeout);
}

} // namespace mandos::core
