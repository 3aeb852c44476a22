// Proving before a restart that the password would come: the real fetch, and a look at what came.
#pragma once

#include "base/error.h"
#include "programs/mandos-keygen/options.h"

namespace mandos::keygen {

// Fetches the password as mandos-client does, and compares it with the expected one, or tries it on the
// device. Says in plain lines what was found, never the password. An error: it would not have worked, and
// why.
Result<void> prove(const Options& options);

} // namespace mandos::keygen
