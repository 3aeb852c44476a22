// Checks: whoever runs the checkers (programs/mandos/checkers.h). On the engine's strand.
#pragma once

#include "core/actions.h"
#include "core/clients.h"

namespace mandos::server {

class Checks {
  public:
    Checks() = default;
    Checks(const Checks&) = delete;
    Checks& operator=(const Checks&) = delete;
    virtual ~Checks() = default;

    // Ends with core::CheckEnded, unless it is stopped before.
    virtual void start(const core::StartCheck& start, const core::Client& client) = 0;
    virtual void stop(core::ClientId client) = 0;
};

} // namespace mandos::server
