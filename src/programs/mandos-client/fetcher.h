// The fetcher of mandos-client's two processes (two_processes.h): reads the key files while it may, gives up
// all rights, asks servers, and writes the password to standard output.
#pragma once

#include "programs/mandos-client/options.h"
#include "programs/mandos-client/two_processes.h"

namespace mandos::client {

// The exit status of this process. Does not return when a signal ends the search.
int fetch(const Options& options, Manager manager);

} // namespace mandos::client
