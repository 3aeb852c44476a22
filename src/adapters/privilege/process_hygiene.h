// What a program that handles secrets does first: it cannot be dumped or traced by its user's other
// processes, and what it has in memory stays there.
#pragma once

namespace mandos::privilege {

// No core dumps, not dumpable (prctl(2), PR_SET_DUMPABLE), files readable by their owner alone (umask 077),
// and all memory locked as far as the limit allows (mlockall(2)). Best effort: none of it is a reason not to
// go on.
void harden_process();

} // namespace mandos::privilege
