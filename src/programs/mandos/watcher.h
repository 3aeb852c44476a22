// Watcher: whoever wants to know what happens (the D-Bus interface). Told on the engine's strand, in order,
// and when what it is told of is durable (or the store has failed, which the log says).
#pragma once

#include <string>

#include "core/actions.h"
#include "core/clients.h"

namespace mandos::server {

class Watcher {
  public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;

    // Of the actions those that are of interest here: Added, Removed, Changed, AwaitApproval, Refuse,
    // SecretGiven, LockdownChanged.
    virtual void happened(const core::Action& action) = 0;
    virtual void check_started(core::ClientId client, const std::string& command) = 0;
    // WAIT_STATUS as waitpid(2) gives it.
    virtual void check_ended(core::ClientId client, int wait_status, const std::string& command) = 0;
};

} // namespace mandos::server
