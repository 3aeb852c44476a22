// mandos-ctl --check: known answers. Needs neither a bus nor a server.
#pragma once

#include "base/error.h"

namespace mandos::ctl {

// Says on standard output that all is well. Invalid: what is not.
Result<void> self_check();

} // namespace mandos::ctl
