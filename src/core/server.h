// Server: who gets a secret. Takes what happened and when, returns what is to be done; does no I/O and has no
// clock. Used by programs/mandos/engine, which carries the actions out, and by property tests, which check
// the promises.
//
// A connection that has proved a key is answered by the first line that fits:
//
//   the key ID                      the client                       answer
//   ------------------------------  -------------------------------
//   ------------------------------------------ is nobody's refuse UnknownKey is that of two clients refuse
//   SharedKey is one client's                 not enabled                      refuse Disabled
//                                   has an empty secret              refuse NoSecret
//                                   has no approval_delay            release
//                                   has one                          wait; then, at its end:
//                                     approved by default              release
//                                     not approved by default          refuse ApprovalTimedOut
//   (while it waits)                the connection goes away         nothing more: it is forgotten
//
// Whatever is not in the table is refused: no other line releases anything.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "core/clients.h"
#include "core/key_id.h"
#include "core/time.h"

namespace mandos::core {

enum class ConnectionId : std::uint64_t {};

// What happened.
struct SecretAsked {
    ConnectionId connection;
    KeyId key_id; // which the peer has proved
};
struct ConnectionGone { // before it was answered
    ConnectionId connection;
};
struct TimePassed {};
using Event = std::variant<SecretAsked, ConnectionGone, TimePassed>;

enum class Refusal {
    UnknownKey,
    SharedKey,
    Disabled,
    NoSecret,
    ApprovalTimedOut,
};

// What is to be done.
struct Release {
    ConnectionId connection;
    std::string client;
    std::shared_ptr<const Bytes> secret; // never empty
};
struct Refuse {
    ConnectionId connection;
    Refusal reason;
    KeyId key_id;
    std::string client; // empty where there is none
};
struct AwaitApproval { // the connection is to be held until another action answers it
    ConnectionId connection;
    std::string client;
    Duration delay;
    bool approved_by_default;
};
using Action = std::variant<Release, Refuse, AwaitApproval>;
using Actions = std::vector<Action>;

class Server {
  public:
    explicit Server(Clients clients) : clients_(std::move(clients)) {}

    // NOW never goes back. A connection asks once.
    Actions handle(const Event& event, Time now);

    // When TimePassed is due next; nothing: not before something else happens.
    std::optional<Time> next_deadline() const;

    const Clients& clients() const { return clients_; }

  private:
    struct Waiting {
        ConnectionId connection;
        KeyId key_id;
    };

    Actions on(const SecretAsked& asked, Time now);
    Actions on(const ConnectionGone& gone, Time now);
    Actions on(const TimePassed& passed, Time now);
    static Action refuse(const Waiting& asked, Refusal reason, const Client* client = nullptr);

    Clients clients_;
    std::multimap<Time, Waiting> approvals_; // by the end of their approval delay
};

} // namespace mandos::core
