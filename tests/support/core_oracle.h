// Oracle: what the server's core has to do, kept as an account of its own: whether and until when each client
// may be released, by the rules of issue and manual. Shares no code with core::Server and looks at none of
// its state, apart from what a restart left it to choose. Exact while the server runs; over a restart it
// keeps bounds: what a client was at most, and what was durable of it at least. Used by core_world.
//
// Times are of the boot-time clock of the boot that is.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/duration.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::support {

// Nothing differs that anybody could see; no secret is the same as an empty one.
bool same_settings(const core::ClientSettings& one, const core::ClientSettings& other);

class Oracle {
  public:
    struct Trust {
        bool lives = false;
        core::Time until;
        bool extended = false;
        std::optional<core::Decision> decision;
        core::Time decision_ends;
        bool last_check_good = false;
    };
    struct Account {
        core::ClientSettings settings;
        core::ClientSettings configured;
        core::Origin origin = core::Origin::Configuration;
        Trust trust;
    };
    struct Wait {
        std::string client;
        core::KeyId key_id;
        core::Time ends;
    };
    struct Answer {
        std::optional<core::Refusal> refusal; // nothing: released
        std::string client;                   // empty: none is known
        std::string secret;

        bool operator==(const Answer&) const = default;
    };
    // What one event has to lead to.
    struct Expected {
        std::map<core::ConnectionId, Answer> answers;
        std::vector<std::pair<core::AuditEvent, std::string>> audit; // without Refused and SettingsChanged
        std::optional<core::ConnectionId> waits;
    };
    struct Restart {
        core::Now now;
        core::Time now_before; // the same moment on the boot-time clock that was
        bool same_boot;
        bool clean;
    };

    Expected happens(const core::Event& event, core::Now now);

    // What the store was told is kept from now on.
    void kept(const std::string& name, core::Save::What what, core::Now now);
    void erased(const std::string& name) { kept_.erase(name); }

    // The server starts with CONFIGURED, and its clients are as they are FOUND. Returns what is wrong with
    // that, or nothing.
    std::optional<std::string> restarts(const Restart& restart,
                                        const std::vector<core::ClientSettings>& configured,
                                        const core::Clients& found);

    // The server and the world around it tell, before each event, who is called what and which checks run.
    std::map<core::ClientId, std::string> names;
    std::map<core::ClientId, core::CheckId> running;

    const std::map<std::string, Account>& accounts() const { return accounts_; }
    const std::map<core::ConnectionId, Wait>& waits() const { return waits_; }
    bool is_locked() const { return locked_; }

  private:
    struct Kept {
        Account account;
        core::Now saved; // its wall clock is the one that deadlines were last brought in line with
    };

    void on(const core::SecretAsked& asked);
    void on(const core::ConnectionGone& gone) { waits_.erase(gone.connection); }
    void on(const core::Delivered& delivered);
    void on(const core::NotDelivered& failed);
    void on(const core::PeerRefused& /*refused*/) {}
    void on(const core::CheckEnded& ended);
    void on(const core::Approve& act);
    void on(const core::Enable& act);
    void on(const core::Disable& act);
    void on(const core::MarkAlive& act);
    void on(const core::BeginCheck& /*act*/) {}
    void on(const core::CancelCheck& /*act*/) {}
    void on(const core::Change& act);
    void on(const core::Add& act);
    void on(const core::Remove& act);
    void on(const core::Reconfigure& act);
    void on(const core::SetLockdown& act);
    void on(const core::TimePassed& /*passed*/) {}
    void on(const core::Stopping& stopping);

    void let_time_pass();
    // What the holder of KEY_ID gets. Nothing: it has to wait.
    std::optional<Answer> answer(const core::KeyId& key_id, bool has_waited) const;
    // Nobody: everybody who waits.
    void refuse_waiting(const std::string* name, core::Refusal reason);
    void add(const core::ClientSettings& settings, core::Origin origin);
    void remove(const std::string& name, bool for_good);
    void set_timeout(Trust& trust, Duration before, Duration now) const;
    // What the configuration says otherwise than before. True: it takes the client's life, or gives it one.
    bool configure(Account& account, const core::ClientSettings& said) const;

    // A restart (core_oracle_restart.cc).
    Trust restarted(const Account& account, const Kept& kept, const Restart& restart) const;
    Result<std::map<std::string, Account>> survive(const Restart& restart, core::Now last);
    void reconfigure(const std::vector<core::ClientSettings>& configured,
                     std::map<std::string, Account>& least);
    std::optional<std::string> adopt(const core::Client& found, const Trust& floor, core::Time now);

    Account& account(core::ClientId id) { return accounts_.at(names.at(id)); }

    std::map<std::string, Account> accounts_;
    std::map<std::string, Kept> kept_;
    std::map<core::ConnectionId, Wait> waits_;
    std::set<std::string> removed_;
    bool locked_ = false;
    core::Now now_{};
    Expected expected_;
};

} // namespace mandos::support
