// Event: what can happen to the server, as its core is told (server.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/client.h"
#include "core/clients.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/peer_address.h"

namespace mandos::core {

enum class ConnectionId : std::uint64_t {};

// Connections. One asks once.
struct SecretAsked {
    ConnectionId connection;
    KeyId key_id; // which the peer has proved
    PeerAddress peer;
};
struct ConnectionGone { // before it was answered
    ConnectionId connection;
};
struct Delivered { // the secret that was released has left
    ClientId client;
    std::string name; // the client may be gone
    PeerAddress peer;
};
struct NotDelivered {
    std::string name;
    PeerAddress peer;
    std::string cause;
};
struct PeerRefused { // before it had proved a key
    PeerAddress peer;
    std::string cause;
};

// Checkers.
struct CheckEnded {
    ClientId client;
    CheckId check;
    int status; // 0: alive; 1 to 255, or check_crashed
};

// Acts of an administrator. ACTOR says who that was, for the audit. The client has to exist.
struct Approve {
    ClientId client;
    Decision decision;
    std::string actor;
};
struct Enable {
    ClientId client;
    std::string actor;
};
struct Disable {
    ClientId client;
    std::string actor;
};
struct MarkAlive {
    ClientId client;
    std::string actor;
};
struct BeginCheck { // now, if none runs
    ClientId client;
};
struct CancelCheck {
    ClientId client;
};
struct Change {
    ClientId client;
    SettingsChange change;
    std::string actor;
};
struct Add { // nobody has its name
    ClientSettings settings;
    std::string actor;
};
struct Remove {
    ClientId client;
    std::string actor;
};
struct Reconfigure { // what the configuration says now, as a whole
    std::vector<ClientSettings> configured;
    std::string actor;
};
struct SetLockdown {
    bool on;
    std::string actor;
};

struct TimePassed {};
struct Stopping {}; // the last event

using Event = std::variant<SecretAsked, ConnectionGone, Delivered, NotDelivered, PeerRefused, CheckEnded,
                           Approve, Enable, Disable, MarkAlive, BeginCheck, CancelCheck, Change, Add, Remove,
                           Reconfigure, SetLockdown, TimePassed, Stopping>;

} // namespace mandos::core
