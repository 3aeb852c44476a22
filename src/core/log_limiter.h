// LogLimiter: lets one line a minute through for each key (a source address, a client), and counts the
// others, so that everybody who keeps coming is seen at the default log level and nobody can fill the disk.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/time.h"

namespace mandos::core {

class LogLimiter {
  public:
    static constexpr auto period = std::chrono::minutes(1);
    static constexpr std::size_t keys_remembered = 4096;

    // Nothing: KEY had its line within the last minute; this one is counted instead. Otherwise the line may
    // be written, and the value is how many lines of KEY's were left out since its last one. When more keys
    // than are remembered come within a minute, the lines of the newcomers are left out.
    std::optional<std::size_t> allow(const std::string& key, Time now);

  private:
    struct Key {
        Time last_line;
        std::size_t left_out = 0;
    };

    void forget_old(Time now);

    std::unordered_map<std::string, Key> keys_;
    Time forgot_last_;
};

} // namespace mandos::core
