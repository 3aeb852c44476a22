// The clocks that the core has none of: CLOCK_BOOTTIME and the wall clock (UTC).
#pragma once

#include "core/time.h"

namespace mandos::loop {

core::Time now();
// The same moment on both clocks.
core::Now moment();

} // namespace mandos::loop
