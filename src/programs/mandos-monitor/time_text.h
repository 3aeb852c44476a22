// Times as the bus has them and as people read them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mandos::monitor {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Span = std::chrono::microseconds;

// "2026-11-24T03:10:42.106667", in UTC; the fraction may be shorter or missing. nullopt: it never happened
// (an empty text), or the text is no time.
std::optional<TimePoint> parse_time(std::string_view text);

// "0:05:09" for less than a day, then "2d 1:00:00". Parts of a second are left out; below 0 is 0.
std::string countdown(Span span);

// "2026-11-24 03:10:42,106" in the local time zone, as log files have it; and "2026-11-24 03:10:42".
std::string log_time(TimePoint time);
std::string local_time(TimePoint time);

// What a peer, the bus or a user supplied, on one line and without anything that steers a terminal; plain
// text is itself. At most 256 bytes, "..." behind them where there is more.
std::string shown(std::string_view text);

} // namespace mandos::monitor
