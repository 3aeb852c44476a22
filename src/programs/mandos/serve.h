// serve(): the running server, from the first connection to the signal that ends it.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "adapters/store/sqlite_store.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/client.h"
#include "core/stored.h"
#include "programs/mandos/announcer.h"
#include "programs/mandos/bus_service.h"
#include "programs/mandos/checkers.h"
#include "programs/mandos/configuration_process.h"

namespace mandos::server {

struct Service {
    UniqueFd socket; // listening
    tls::Context context;
    std::vector<core::ClientSettings> clients;
    std::unique_ptr<store::SqliteStore> store;
    core::StoredState stored; // what is restored
    ConfigurationProcess configuration;
    CheckersOptions checkers;
    std::optional<BusService::Settings> bus;     // nothing: without D-Bus
    std::optional<Announcer::Settings> announce; // nothing: not announced
};

// What becomes possible while it starts.
struct Starting {
    std::move_only_function<void()> handles_signals;
    // It serves, and is on D-Bus unless there is none. An error ends it.
    std::move_only_function<Result<void>()> is_ready;
};

// Serves until SIGTERM or SIGINT, on as many threads as there are processors. An error: the state cannot be
// written at the start, or the listening socket failed.
Result<void> serve(Service service, service::Manager& manager, log::Log& log, Starting starting);

} // namespace mandos::server
