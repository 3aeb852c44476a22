// Time spans as Mandos writes them: RFC 3339 appendix A ("PT5M"), or the older "5m 30s".
// Used by both configuration files and by every option that takes a time.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mandos {

// The precision of everything that Mandos counts down.
using Duration = std::chrono::milliseconds;

// Reads one of
// - an RFC 3339 duration: "P", then either weeks ("P2W") or years, months, days and, behind a "T", hours,
//   minutes, seconds ("P1DT2H3M4S"). Upper case and whole numbers only; a unit may be followed by the next
//   smaller one alone, so "PT1H5S" is an error and "PT1H0M5S" is not, and the T may follow days
//   alone, or the P. A month is 4 weeks, a year 52.
// - the form of Mandos before 1.8: numbers with a unit of s, m, h, d or w, separated by white space, added up
//   ("5m 30s", "-5m"); nothing at all is zero.
// Invalid: neither of them, or more than 999999999 days, which 1.8 cannot count either. A negative sum is
// returned as it is.
Result<Duration> parse_duration(std::string_view text);

// DURATION (not negative) as the shortest RFC 3339 text that parse_duration() reads back, rounded down to
// seconds: "PT5M", "P1DT0H0M1S", "PT0S".
std::string format_duration(Duration duration);

} // namespace mandos
