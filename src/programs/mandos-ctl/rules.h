// Which options of mandos-ctl go together: the rules of 1.8, which scripts know, and one of our own (an
// action behind --is-enabled would never be done).
#pragma once

#include "base/error.h"
#include "programs/mandos-ctl/options.h"

namespace mandos::ctl {

// Invalid: which options, and why.
Result<void> check_rules(const Request& request);

// Whoever waits is answered before the client is gone.
void deny_before_remove(Request& request);

} // namespace mandos::ctl
