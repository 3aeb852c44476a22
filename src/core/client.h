// What the configuration says of one client, each value already of a type that cannot be wrong.
// Not here: how a client lives (whether it gets its secret now): that is registry.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/duration.h"
#include "core/key_id.h"

namespace mandos::core {

struct ClientSettings {
    std::string name;
    std::optional<KeyId> key_id; // a client without one never gets its secret
    std::string fingerprint;     // of the OpenPGP key: upper-case hexadecimal digits, or empty; only shown
    Bytes secret;                // an OpenPGP message that only the client can read; empty: nothing to give
    std::string host;
    std::string checker = "fping -q -- %(host)s"; // after the expansion at start; %(host)s is for each run
    Duration timeout = std::chrono::minutes(5);
    Duration extended_timeout = std::chrono::minutes(15);
    Duration interval = std::chrono::minutes(2);
    Duration approval_delay = std::chrono::seconds(0);
    Duration approval_duration = std::chrono::seconds(1);
    bool approved_by_default = true;
    bool enabled = true;
};

} // namespace mandos::core
