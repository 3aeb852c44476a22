// Action: what the server's core wants done (server.h). Whoever carries them out first makes what Save,
// Erase, SaveServer and Audit say durable, all of it at once, and then does the rest in the order given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/duration.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/peer_address.h"

namespace mandos::core {

enum class Refusal : std::uint8_t {
    UnknownKey,
    SharedKey,
    Lockdown,
    Disabled,
    Removed,  // while it waited for approval
    OtherKey, // it got another one meanwhile
    NoSecret,
    Denied,
    ApprovalTimedOut,
    Stopping,
    NotStored, // the record of it could not be written
};

// "is disabled": what comes behind `client "x"`, or by itself where there is none.
std::string_view describe(Refusal refusal);
// `client "x" is disabled`
std::string refusal_text(Refusal refusal, const std::string& client);
// `unknown key ID 0123...`, where there is no client
std::string refusal_text(Refusal refusal, const KeyId& key_id);

// To connections.
struct Release {
    ConnectionId connection;
    ClientId id;
    std::string client;
    Secret secret; // never empty
};
struct Refuse {
    ConnectionId connection;
    Refusal reason;
    KeyId key_id;
    std::optional<ClientId> id;
    std::string client; // empty where there is none
    PeerAddress peer;
};
struct AwaitApproval { // the connection is to be held until another action answers it
    ConnectionId connection;
    ClientId id;
    std::string client;
    Duration delay;
    bool approved_by_default;
    PeerAddress peer;
};

// To checkers.
struct StartCheck {
    ClientId client;
    CheckId check;
    Duration limit; // a check that takes longer is useless
};
struct StopCheck {
    ClientId client;
};

// To the store.
enum class Urgency : std::uint8_t {
    Now,  // part of what this event comes to
    Soon, // a crash that loses it leaves the client less trusted, not more
};
struct Save {
    ClientId client;
    enum class What : std::uint8_t { Life, Everything } what;
    Urgency urgency;
};
struct Erase {
    std::string client;
};
struct RememberRemoved { // or forget that it was
    std::string client;
    bool removed;
};
struct SaveServer {
    std::optional<bool> locked_down;
    std::optional<bool> stopped_cleanly;
};
struct Audit {
    AuditRecord record;
};
// To the log alone: enough records like it were written, and the next one counts it.
struct LeftOut {
    AuditRecord record;
};

// To whoever watches (D-Bus).
enum class Property : std::uint8_t {
    ApprovalDelay,
    ApprovalDuration,
    ApprovalPending,
    ApprovedByDefault,
    Checker,
    CheckerRunning,
    Enabled,
    Expires,
    ExtendedTimeout,
    Fingerprint,
    Host,
    Interval,
    KeyId,
    LastApprovalRequest,
    LastCheckedOk,
    LastCheckerStatus,
    LastEnabled,
    SecretMessage,
    Timeout,
};
struct Changed {
    ClientId client;
    Property property;
};
struct Added {
    ClientId client;
};
struct Removed {
    ClientId client;
    std::string name;
};
struct SecretGiven {
    ClientId client;
};
struct LockdownChanged {
    bool on;
};

using Action =
    std::variant<Release, Refuse, AwaitApproval, StartCheck, StopCheck, Save, Erase, RememberRemoved,
                 SaveServer, Audit, LeftOut, Changed, Added, Removed, SecretGiven, LockdownChanged>;
using Actions = std::vector<Action>;

} // namespace mandos::core
