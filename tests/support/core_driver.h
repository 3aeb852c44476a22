// A server's core as its tests hold it: clients of few words, a clock that is moved by hand, and questions
// to the actions that come out. Used by tests/unit/core.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/server.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::support {

inline const core::Now noon{.boot = core::Time(std::chrono::hours(1)),
                            .wall = core::WallTime(std::chrono::hours(24 * 365 * 50 + 12))};

inline core::Now later(core::Now now, core::Time::duration by) {
    return {.boot = now.boot + by,
            .wall = now.wall + std::chrono::duration_cast<core::WallTime::duration>(by)};
}

// The key ID that is 64 times DIGIT.
inline core::KeyId key(char digit) {
    return *core::KeyId::parse(std::string(64, digit));
}

// A client that is named DIGIT and proves key(DIGIT). Its timeout is 5 minutes, its extended one 15, its
// interval 2.
inline core::ClientSettings client(char digit) {
    core::ClientSettings settings;
    settings.name = std::string(1, digit);
    settings.key_id = key(digit);
    settings.secret = core::make_secret(to_bytes("secret of " + settings.name));
    return settings;
}

// All actions of one kind, in their order.
template <class T>
std::vector<T> all(const core::Actions& actions) {
    std::vector<T> found;
    for (const core::Action& action : actions)
        if (const T* one = std::get_if<T>(&action))
            found.push_back(*one);
    return found;
}

template <class T>
bool has(const core::Actions& actions) {
    return !all<T>(actions).empty();
}

// Where the first action that is a T and fits IS_IT stands; the number of actions: nowhere.
template <class T, class Is>
std::size_t place_of(const core::Actions& actions, Is&& is_it) {
    const auto found = std::ranges::find_if(actions, [&](const core::Action& action) {
        const T* one = std::get_if<T>(&action);
        return one != nullptr && is_it(*one);
    });
    return static_cast<std::size_t>(found - actions.begin());
}

// Of each connection that was refused, the reason.
inline std::vector<core::Refusal> refusals(const core::Actions& actions) {
    std::vector<core::Refusal> reasons;
    for (const auto& refused : all<core::Refuse>(actions))
        reasons.push_back(refused.reason);
    return reasons;
}

// Of each secret that was released, its text.
inline std::vector<std::string> released(const core::Actions& actions) {
    std::vector<std::string> secrets;
    for (const auto& one : all<core::Release>(actions))
        secrets.emplace_back(as_text(*one.secret));
    return secrets;
}

// The kinds of all audit records.
inline std::vector<core::AuditEvent> audited(const core::Actions& actions) {
    std::vector<core::AuditEvent> events;
    for (const auto& one : all<core::Audit>(actions))
        events.push_back(one.record.event);
    return events;
}

// The first audit record of that kind; one that is empty where there is none.
inline core::AuditRecord record(const core::Actions& actions, core::AuditEvent event) {
    for (const auto& one : all<core::Audit>(actions))
        if (one.record.event == event)
            return one.record;
    return {};
}

// The most urgent saving of what of ID; nothing: it is not saved.
inline std::optional<core::Urgency> saved(const core::Actions& actions, core::ClientId id) {
    std::optional<core::Urgency> urgency;
    for (const auto& one : all<core::Save>(actions))
        if (one.client == id && urgency != core::Urgency::Now)
            urgency = one.urgency;
    return urgency;
}

inline bool saves_everything_now(const core::Actions& actions, core::ClientId id) {
    return std::ranges::any_of(all<core::Save>(actions), [id](const core::Save& one) {
        return one.client == id && one.what == core::Save::What::Everything
               && one.urgency == core::Urgency::Now;
    });
}

inline bool tells(const core::Actions& actions, core::ClientId id, core::Property property) {
    return std::ranges::any_of(all<core::Changed>(actions), [&](const core::Changed& one) {
        return one.client == id && one.property == property;
    });
}

// A server, the moment that it is, and what a store would hold that took every action at once.
class Driver {
  public:
    explicit Driver(std::vector<core::ClientSettings> configured, core::StoredState stored = {},
                    core::Now moment = noon)
        : Driver(core::Server::start(std::move(stored), std::move(configured), moment, 1), moment) {}

    core::Actions handle(const core::Event& event) { return server.handle(event, now); }
    core::Actions ask(char digit, std::uint64_t connection = 1) {
        return handle(core::SecretAsked{.connection = core::ConnectionId{connection},
                                        .key_id = key(digit),
                                        .peer = {.port = static_cast<std::uint16_t>(connection)}});
    }
    // Lets that much time pass, and then asks what is to be done.
    core::Actions after(core::Time::duration by) {
        now = later(now, by);
        return handle(core::TimePassed{});
    }
    // The same moment by moment, with all that comes in between; checks end well, badly, or never.
    core::Actions live_through(core::Time::duration by, std::optional<int> status) {
        const core::Time end = now.boot + by;
        core::Actions done;
        for (;;) {
            const auto next = server.next_deadline();
            const core::Time until = next && *next < end ? std::max(*next, now.boot) : end;
            core::Actions actions = after(until - now.boot);
            for (const auto& started : all<core::StartCheck>(actions))
                if (status)
                    append(done, handle(core::CheckEnded{
                                     .client = started.client, .check = started.check, .status = *status}));
            append(done, std::move(actions));
            if (until == end)
                return done;
        }
    }

    core::ClientId id(std::string_view name) const { return one(name).id; }
    const core::Client& one(std::string_view name) const {
        for (const auto& [id, client] : server.clients())
            if (client.settings.name == name)
                return client;
        check(false, "a test asks for a client that exists");
        return server.clients().begin()->second;
    }
    bool lives(std::string_view name) const { return one(name).life.enabled; }
    core::Time expires(std::string_view name) const { return one(name).life.expires.boot; }

    core::StoredState stored(bool stopped_cleanly, bool same_boot) const {
        core::StoredState state{.locked_down = server.is_locked_down(),
                                .stopped_cleanly = stopped_cleanly,
                                .same_boot = same_boot};
        for (const auto& [id, client] : server.clients())
            state.clients.push_back({.settings = client.settings,
                                     .configured = client.configured,
                                     .origin = client.origin,
                                     .life = client.life,
                                     .saved = now});
        return state;
    }

    core::Server server;
    core::Actions at_start;
    core::Now now;

  private:
    Driver(std::pair<core::Server, core::Actions> started, core::Now moment)
        : server(std::move(started.first)), at_start(std::move(started.second)), now(moment) {}

    static void append(core::Actions& to, core::Actions&& more) {
        to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
};

} // namespace mandos::support
