// Server: who gets a secret. Takes what happened and when, returns what is to be done; does no I/O and has no
// clock. Used by programs/mandos/engine, which carries the actions out, and by property tests, which check
// the promises.
//
// A connection that has proved a key is answered by the first line that fits (objection(), answer()):
//
//   the key ID or its client ...          | answer
//   --------------------------------------+------------------------------------------------
//   is nobody's                           | refuse UnknownKey
//   is that of two clients                | refuse SharedKey
//   (the server is in lockdown)           | refuse Lockdown
//   is disabled                           | refuse Disabled
//   has an empty secret                   | refuse NoSecret
//   was denied                            | refuse Denied
//   was approved, or has no approval_delay| release
//   has one                               | wait; at its end the lines above anew, and then
//     and is approved by default          |   release
//     and is not                          |   refuse ApprovalTimedOut
//
// The life of a client:
//
//                  | enabled                                        | disabled
//   ---------------+------------------------------------------------+------------------------------------------
//   expires        | disabled                                       | -
//   CheckEnded, 0  | lives for timeout from now on                  | noted
//   CheckEnded, ≠0 | noted                                          | noted
//   MarkAlive      | lives for timeout from now on                  | noted
//   Delivered      | lives for extended_timeout from now on         | noted
//   Enable         | -                                              | enabled, for timeout
//   Disable        | disabled                                       | -
//   Approve        | who waits gets the answer, and who comes within approval_duration
//   Change timeout | lives for longer by the difference; shorter,   | for when it is enabled
//                  |   but from now on, so that a shorter one       |
//                  |   disables nobody by itself                    |
//   Remove         | gone                                           | gone
//   Reconfigure    | what the configuration changed is changed      | and only `enabled = yes` that was `no`
//                  |                                                |   before enables it
//   SetLockdown    | no effect on lives                             |
//   restart        | expires as it would have; after a clean stop   | disabled
//                  |   with a last check that was good: for timeout |
//   killed         | expires as it would have                       | disabled
//
// A restart ends each approval, and no denial: by another boot's clock that has all the time again that it
// had left when it was stored (stored.h).
//
// Whatever is not in the tables releases nothing and enables nobody. Who gets disabled has its checker
// stopped, and whoever waits for its approval refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/duration.h"
#include "core/actions.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/log_limiter.h"
#include "core/peer_address.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::core {

class Server {
  public:
    // What is stored and what is configured, brought together by the rules of Mandos 1.8. SEED is what the
    // spreading of checks over time is drawn from. The actions are the first to be carried out.
    static std::pair<Server, Actions> start(StoredState stored, std::vector<ClientSettings> configured,
                                            Now now, std::uint64_t seed);

    // NOW never goes back on the boot-time clock. Whatever is due by then happens first.
    Actions handle(const Event& event, Now now);

    // When TimePassed is due next; nothing: not before something else happens.
    std::optional<Time> next_deadline() const;

    const Clients& clients() const { return clients_; }
    const Client* find(std::string_view name) { return clients_.find(name); }
    bool is_locked_down() const { return locked_down_; }

    // Why CLIENT would not get its secret now; nothing: it would, if need be after an approval.
    std::optional<Refusal> objection(const Client& client) const;
    // Who waits for an approval of CLIENT, in the order of connecting.
    std::vector<PeerAddress> peers_waiting(ClientId client) const;

  private:
    struct Waiting {
        ClientId client;
        KeyId key_id;
        PeerAddress peer;
        Time ends;
    };

    explicit Server(std::uint64_t seed) : random_(seed) {}

    // What happened, one after the other. They add to actions_.
    void on(const SecretAsked& asked);
    void on(const ConnectionGone& gone);
    void on(const Delivered& delivered);
    void on(const NotDelivered& failed);
    void on(const PeerRefused& refused);
    void on(const CheckEnded& ended);
    void on(const Approve& act);
    void on(const Enable& act);
    void on(const Disable& act);
    void on(const MarkAlive& act);
    void on(const BeginCheck& act);
    void on(const CancelCheck& act);
    void on(const Change& act);
    void on(const Add& act);
    void on(const Remove& act);
    void on(const Reconfigure& act);
    void on(const SetLockdown& act);
    void on(const TimePassed& passed);
    void on(const Stopping& stopping);

    // Answers (server_answers.cc).
    void release(ConnectionId connection, const Client& client, const PeerAddress& peer);
    void refuse(ConnectionId connection, Refusal reason, const KeyId& key_id, const Client* client,
                const PeerAddress& peer);
    // What holds at the end of a wait too. True: answered.
    bool answer_by_the_rules(ConnectionId connection, const KeyId& key_id, const PeerAddress& peer);
    void end_wait(ConnectionId connection);
    void refuse_waiting(const Client* client, Refusal reason);
    void answer_waiting(const Client& client);

    // Lives (server_lives.cc).
    void let_time_pass();
    void look_at(Client& client);
    void follow_the_wall_clock();
    void enable(Client& client);
    void disable(Client& client);
    void live_for(Client& client, Allowance allowance);
    void set_expiry(Client& client, Deadline expires, Allowance allowance);
    void begin_check(Client& client);
    void stop_check(Client& client);
    void restart_checks(Client& client);
    void schedule_first_check(Client& client);
    void schedule(Client& client);
    void schedule_restored();

    // Settings (server_settings.cc).
    void add(ClientSettings settings, Origin origin, const std::string& actor);
    void restore(StoredClient stored, const ClientSettings* configured, bool stopped_cleanly, bool same_boot);
    void remove(Client& client);
    enum class Begun : std::uint8_t { Yes, No }; // a check that was among what was dropped
    Begun drop_actions_for(ClientId id);
    std::string apply(Client& client, const SettingsChange& change, const std::string& actor);
    void change_timeout(Client& client, Duration before);

    Client& existing(ClientId id);
    void audit_refusal(AuditRecord record, std::optional<std::size_t> left_out);
    void audit(AuditEvent event, const Client* client, std::string cause, const std::string& actor = {});
    void changed(const Client& client, Property property);
    void save(const Client& client, Save::What what, Urgency urgency);

    Clients clients_;
    bool locked_down_ = false;
    std::unordered_set<std::string> removed_; // by an administrator, though configured
    std::set<std::pair<Time, ClientId>> due_; // each client, by its `due`
    bool restoring_ = false;                  // clients, which are put into due_ together
    std::map<ConnectionId, Waiting> waiting_;
    std::set<std::pair<Time, ConnectionId>> waits_end_;
    LogLimiter refusals_by_source_;
    LogLimiter refusals_by_client_;
    std::optional<WallTime::duration> clock_offset_; // wall minus boot
    std::uint64_t last_check_ = 0;
    std::mt19937_64 random_;

    // While an event is handled.
    Now now_{};
    Actions actions_;
};

} // namespace mandos::core
