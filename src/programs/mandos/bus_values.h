// What clients are made of, as values on D-Bus and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/bus/value.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/time.h"

namespace mandos::server {

// "2026-11-24T03:10:42.106667", UTC. Always with its six digits: Mandos 1.8's monitor cannot read it without.
std::string time_text(core::WallTime time);
// Nothing: an empty text.
std::string time_text(const std::optional<core::WallTime>& time);

// DURATION in milliseconds, as the core counts it.
std::uint64_t milliseconds_of(Duration duration);

// Invalid, naming PROPERTY: VALUE is of another type, or is not what this may be.
Result<bool> read_truth(std::string_view property, const bus::Value& value);
// No longer than limits::bus_text.
Result<std::string> read_text(std::string_view property, const bus::Value& value);
// Milliseconds in an integer of any type: not negative, and no longer than limits::time_span.
Result<Duration> read_duration(std::string_view property, const bus::Value& value);

} // namespace mandos::server
