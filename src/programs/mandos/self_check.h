// --check: would the server start and serve with this configuration, and do the libraries do what they must?
#pragma once

#include "programs/mandos/settings.h"
#include "wire/finding.h"

namespace mandos::server {

// Prints every finding on standard error, a summary on standard output. The exit status: 0, or 1 if there is
// an error. Binds nothing, and can be run beside a running server.
int check_everything(const Settings& settings, wire::Findings findings);

} // namespace mandos::server
