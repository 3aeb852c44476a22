// The manager of mandos-client's two processes (two_processes.h): runs network hooks, brings the network up,
// makes routes that the fetcher asks for, and undoes all of that when the fetcher has ended. One thread; of
// what comes from outside this machine, it reads nothing.
#pragma once

#include <variant>

#include "programs/mandos-client/options.h"
#include "programs/mandos-client/two_processes.h"

namespace mandos::client {

struct EndsWith {
    int status = 0;
};
struct EndsBy {
    int signal = 0;
};

// Until the fetcher has ended and all is undone: how this process has to end.
std::variant<EndsWith, EndsBy> manage(const Options& options, Fetcher fetcher);

} // namespace mandos::client
