// What a program that handles secrets does first: it cannot be dumped or traced by its user's other
// processes, and what it has in memory stays there.
#pragma once

#include "base/error.h"

namespace mandos::privilege {

// Fills standard descriptors that are closed with ones that cannot be written to, so that no key file or
// connection gets their number and then what is printed. What is written to a closed standard output still
// fails.
Result<void> occupy_standard_descriptors();

// Lets this process lock as much memory as it likes, also when it is root no more. For programs with little:
// all of it is locked then. Does nothing for who may not.
void allow_locking_all_memory();

// No core dumps, not dumpable (prctl(2), PR_SET_DUMPABLE), files readable by their owner alone (umask 077),
// and all memory locked as far as the limit allows (mlockall(2)). Best effort: none of it is a reason not to
// go on.
void harden_process();

} // namespace mandos::privilege
