// The time of day of the core: CLOCK_BOOTTIME.
#pragma once

#include "core/time.h"

namespace mandos::loop {

core::Time now();

} // namespace mandos::loop
