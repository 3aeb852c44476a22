// What this machine is called.
#pragma once

#include <string>

#include "base/error.h"

namespace mandos::keygen {

// Its fully qualified name (`hostname --fqdn`), or the short one where that cannot be found.
Result<std::string> host_name();

} // namespace mandos::keygen
