// Making the keys of a client.
#pragma once

#include "base/error.h"
#include "programs/mandos-keygen/options.h"

namespace mandos::keygen {

// Makes all keys first, then puts them into the directory, and tells on standard output what there is now.
Result<void> create_keys(const Options& options);

} // namespace mandos::keygen
