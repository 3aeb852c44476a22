// explain(): whether a client would get its secret if it asked now, why, and what to do if that is not
// wanted.
#pragma once

#include <optional>
#include <string>

#include "core/clients.h"
#include "core/server.h"
#include "core/time.h"

namespace mandos::server {

struct Explanation {
    bool would_get = false;              // without anybody's doing
    std::string reason;                  // one sentence, without a full stop
    std::optional<core::WallTime> since; // where it is known
    std::string remedy;                  // empty where nothing needs to be done
};

Explanation explain(const core::Server& server, const core::Client& client);

} // namespace mandos::server
