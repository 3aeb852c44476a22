// One retrieval: the password is fetched from the servers and written to standard output.
#pragma once

#include <optional>

#include "programs/fetch/fetch.h"
#include "programs/mandos-client/key_files.h"
#include "programs/mandos-client/options.h"

namespace mandos::client {

fetch::Settings fetch_settings(const Options& options, Keys keys);

// The exit status. Nothing: the password came, but none of it could be written; what is written to may be
// better off later. Does not return when a signal ends the search.
std::optional<int> retrieve(const fetch::Settings& settings);

} // namespace mandos::client
