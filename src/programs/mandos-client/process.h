// mandos-client as a process: what it must be protected from, and how it ends by a signal.
#pragma once

#include "base/duration.h"
#include "base/error.h"

namespace mandos::client {

// Fills standard descriptors that are closed with ones that cannot be used, so that no connection gets their
// number and then the password; a pipe without a reader is an error, not the end. No memory of this process
// is dumped, traced or, as far as the limit allows, swapped.
Result<void> prepare_process();

// Ends this process as SIGNAL does by default, so that whoever waits for it sees which.
[[noreturn]] void die_of(int signal);

// Waits for DURATION; a SIGTERM, SIGINT or SIGHUP meanwhile ends the process.
void pause_for(Duration duration);

} // namespace mandos::client
