// Records of the server's audit log as they come over D-Bus, and how they are shown.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "adapters/bus/value.h"
#include "base/error.h"

namespace mandos::ctl {

using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

struct AuditEntry {
    std::uint64_t number = 0;
    UtcTime time;
    std::string event; // "secret-released"
    std::string client;
    std::string peer;
    std::string cause;
    std::string actor;
    std::uint64_t left_out = 0; // like it, since the last one
};

// What GetLog answered; Invalid: it is something else.
Result<std::vector<AuditEntry>> read_entries(const std::vector<bus::Value>& answer);

nlohmann::ordered_json as_json(const AuditEntry& entry);

// "2026-11-24 03:10:42", UTC.
std::string write_utc(UtcTime time);

// `its secret was sent to [::1]:4711`: what happened to the client, for people. One line.
std::string in_words(const AuditEntry& entry);

} // namespace mandos::ctl
