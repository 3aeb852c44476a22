// The part of confinement.h that is landlock(7)'s: which files there are for this process.
#pragma once

#include <span>

#include "base/error.h"

namespace mandos::privilege {

// From now on no file can be changed, made, removed or executed by this process and all that it forks, and
// only those below DIRECTORIES be read; what is open stays as it is. Where the kernel is new enough, neither
// TCP ports be bound (Linux 6.7) nor processes signalled that it did not fork (6.12). Needs
// PR_SET_NO_NEW_PRIVS. A kernel without landlock is no error: nothing changes then.
Result<void> read_only_below(std::span<const char* const> directories);

} // namespace mandos::privilege
