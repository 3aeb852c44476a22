// AuditRecord: one thing that somebody may ask about later: who got a secret or did not, when, and who said
// so. Written before what it tells of becomes visible (adapters/store), never changed, never deleted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace mandos::core {

enum class AuditEvent : std::uint8_t {
    ServerStarted,
    ServerStopped,
    SecretReleased, // decided; written before the first byte leaves
    SecretDelivered,
    SecretNotDelivered,
    Refused,
    Expired, // disabled since it was not heard of in time
    Disabled,
    Enabled,
    Approved,
    Denied,
    MarkedAlive, // by an administrator, not by a checker
    SettingsChanged,
    ClientAdded,
    ClientRemoved,
    ConfigurationRead,
    LockdownBegun,
    LockdownEnded,
    StateImported,
};

// The names that people and programs see ("secret-released"), in the order of the enumeration.
constexpr std::array<std::string_view, 19> audit_event_names{"server-started",
                                                             "server-stopped",
                                                             "secret-released",
                                                             "secret-delivered",
                                                             "secret-not-delivered",
                                                             "refused",
                                                             "expired",
                                                             "disabled",
                                                             "enabled",
                                                             "approved",
                                                             "denied",
                                                             "marked-alive",
                                                             "settings-changed",
                                                             "client-added",
                                                             "client-removed",
                                                             "configuration-read",
                                                             "lockdown-begun",
                                                             "lockdown-ended",
                                                             "state-imported"};

inline std::string_view name_of(AuditEvent event) {
    return audit_event_names.at(static_cast<std::size_t>(event));
}

// The actor of what the configuration says when the server starts.
inline constexpr std::string_view configuration_at_start = "clients.conf";

struct AuditRecord {
    WallTime time;
    AuditEvent event = AuditEvent::ServerStarted;
    std::string client; // empty where none is concerned
    std::string peer;   // "[fe80::1%eth0]:4711", empty where there is none
    std::string cause;  // for people, one line
    std::string actor;  // "uid 0 (:1.42)", "clients.conf"; empty: the server by its rules
    // Like records of the same client or source that were left out since the last one, so that nobody can
    // fill the disk by asking.
    std::size_t left_out = 0;

    bool operator==(const AuditRecord&) const = default;
};

} // namespace mandos::core
