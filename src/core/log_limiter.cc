#include "core/log_limiter.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/time.h"

namespace mandos::core {

std::optional<std::size_t> LogLimiter::allow(const std::string& key, Time now) {
    const auto found = keys_.find(key);
    if (found != keys_.end()) {
        if (now - found->second.last_line < period) {
            ++found->second.left_out;
            return std::nullopt;
        }
        found->second.last_line = now;
        return std::exchange(found->second.left_out, 0);
    }
    if (keys_.size() >= keys_remembered)
        forget_old(now);
    if (keys_.size() >= keys_remembered)
        return std::nullopt;
    keys_.emplace(key, Key{.last_line = now});
    return 0;
}

void LogLimiter::forget_old(Time now) {
    // Not at each newcomer of a flood: nothing has become old since the last time.
    constexpr auto pause = std::chrono::seconds(1);
    if (now - forgot_last_ < pause)
        return;
    forgot_last_ = now;
    std::erase_if(keys_, [now](const auto& entry) { return now - entry.second.last_line >= period; });
}

} // namespace mandos::core
