// Expansion of values at the start: %(option)s and %%, as Python's BasicInterpolation does it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mandos::wire {

// The raw value of an option (in lower case), or nullptr: the section's, else [DEFAULT]'s, else the built-in
// one.
using OptionLookup = std::function<const std::string*(std::string_view option)>;

// RAW with each %(option)s replaced by that option's value, itself expanded, and each %% by %.
// Invalid: a lone %, a reference that is not closed or names nothing, references more than ten deep (as those
// that lead back to themselves); Exhausted: more than core::limits::expanded_value bytes, or
// expanded_references.
Result<std::string> interpolate(std::string_view raw, const OptionLookup& find);

} // namespace mandos::wire
