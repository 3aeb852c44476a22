// clients.pickle: the state that Mandos 1.8's server left at its last orderly end: each client as it was at
// run time, and what the configuration said of it then. Read whole or not at all: a client that is wrong in
// one field is an error that names both. Fields that only a running 1.8 needs are not looked at.
// What is done with it is core's business, not this file's: a configured value goes before the imported one
// where it is no longer what the settings say, and a client that was removed stays removed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/key_id.h"

namespace mandos::wire {

// Time spans are as clients_conf.h reads them: not negative, at most core::limits::time_span, the interval
// not below core::limits::shortest_interval, so that what was configured then and now can be compared.
struct ImportedValues {
    std::optional<core::KeyId> key_id; // nothing where 1.8 had an empty one, or none (before 1.8)
    std::string fingerprint;           // as it stands in the file; may be empty
    std::string host;
    std::string checker_command;
    bool enabled = false;
    bool approved_by_default = false;
    Duration timeout{};
    Duration extended_timeout{};
    Duration interval{};
    Duration approval_delay{};
    Duration approval_duration{};
};

using ImportedTime = std::chrono::sys_time<std::chrono::microseconds>; // UTC

struct ImportedClient {
    std::string name;
    ImportedValues values; // as they were last
    std::optional<ImportedTime> created;
    std::optional<ImportedTime> last_enabled;
    std::optional<ImportedTime> expires;
    std::optional<ImportedTime> last_checked_ok;
    std::optional<ImportedTime> last_approval_request;
    std::optional<std::int64_t> last_checker_status; // an exit status, -1: it crashed, -2: it never ended
    Bytes encrypted_secret;                          // to legacy_passphrase() of the configured one
};

struct ImportedSettings {
    std::string name;
    ImportedValues values; // as they were configured
    bool removed = false;  // at run time: there is no client of this name
};

struct ImportedState {
    std::vector<ImportedClient> clients; // each has settings; all names differ
    std::vector<ImportedSettings> settings;
};

// Invalid: no pickle, or not one of such a state, with the offset, or the client and the field, that is
// wrong. Unsupported: it holds what 1.8 never wrote. Exhausted: more than the limits of core/limits.h.
Result<ImportedState> parse_clients_pickle(ByteView pickle);

} // namespace mandos::wire
