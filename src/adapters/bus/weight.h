// How many bytes a message of these values has, roughly and rather too many: for limits on queues. For the
// files of this folder only.
#pragma once

#include <cstddef>
#include <vector>

#include "adapters/bus/value.h"

namespace mandos::bus {

std::size_t weight(const std::vector<Value>& values);

} // namespace mandos::bus
