// What is left of root for a process that has to read root's files.
#pragma once

#include "base/error.h"

namespace mandos::privilege {

// Gives up every capability but that to read all files (CAP_DAC_READ_SEARCH), now and for whatever it would
// execute. Does nothing for who is not root.
Result<void> keep_reading_only();

} // namespace mandos::privilege
