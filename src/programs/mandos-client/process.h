// mandos-client as a process: what it must be protected from, and how it ends by a signal.
#pragma once

#include "base/duration.h"
#include "base/error.h"

namespace mandos::client {

// What it has in memory stays there (privilege::harden_process()). Fills standard descriptors that are closed
// with ones that cannot be used, so that no connection gets their number and then the password; a pipe
// without a reader is an error, not the end.
Result<void> prepare_process();

// Ends this process as SIGNAL does by default, so that whoever waits for it sees which.
[[noreturn]] void die_of(int signal);

// Ends this process with STATUS at once: what libraries would tidy up first (librnp's gives its pages back
// one by one) goes with the process. Nothing may be left to flush.
[[noreturn]] void leave(int status);

// Waits for DURATION; a SIGTERM, SIGINT or SIGHUP meanwhile ends the process.
void pause_for(Duration duration);

} // namespace mandos::client
