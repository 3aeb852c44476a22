// What is left of root for a process that has to read root's files.
#pragma once

#include "base/error.h"

namespace mandos::privilege {

// Gives up every capability but that to read all files (CAP_DAC_READ_SEARCH), now and for whatever it would
// execute. Who has not even that has none afterwards.
Result<void> keep_reading_only();

// Gives up every capability (capabilities(7)) and stays the user that this is: for a server that its service
// manager did not start as root. If CAP_NET_RAW is an ambient one it stays with what is executed, so that
// commands can ping; the process itself has it no more until it takes it up again.
Result<void> keep_pinging_for_commands();

} // namespace mandos::privilege
