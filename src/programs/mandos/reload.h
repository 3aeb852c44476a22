// Reload: takes over the configuration as it is now, on SIGHUP and when an administrator asks for it. It is
// read and checked as a whole first; where there is an error, the one before stays in force as a whole. On
// the engine's strand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "base/error.h"
#include "loop/asio.h"
#include "programs/mandos/configuration_process.h"
#include "programs/mandos/engine.h"

namespace mandos::server {

class Reload {
  public:
    // The warnings, a line each; or every error, in one text of several lines.
    using Done = std::move_only_function<void(Result<std::vector<std::string>>)>;

    // All that is referred to outlives this.
    Reload(const io::any_io_executor& strand, ConfigurationProcess& process, Engine& engine,
           service::Manager& manager, log::Log& log);

    // ACTOR is for the audit. Requests that come while one is under way are answered one after the other.
    void request(std::string actor, Done done);
    // Requests that are under way are given up.
    void stop();

  private:
    struct Request {
        std::string actor;
        Done done;
    };

    io::awaitable<void> run();
    void take_over(ClientsRead read, Request request);

    const io::any_io_executor strand_;
    ConfigurationProcess& process_;
    Engine& engine_;
    service::Manager& manager_;
    log::Log& log_;
    std::vector<Request> requests_;
    bool running_ = false;
};

} // namespace mandos::server
