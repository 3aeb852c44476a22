// serve(): the running server, from the first connection to the signal that ends it.
#pragma once

#include <csignal>
#include <functional>
#include <vector>

#include "adapters/log/log.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/client.h"

namespace mandos::server {

struct Service {
    UniqueFd socket; // listening
    tls::Context context;
    std::vector<core::ClientSettings> clients;
};

// Serves until SIGTERM, SIGINT or SIGHUP, on as many threads as there are processors; READY is called once it
// does. An error: the listening socket failed.
Result<void> serve(Service service, log::Log& log, std::move_only_function<Result<void>()> ready);

} // namespace mandos::server
