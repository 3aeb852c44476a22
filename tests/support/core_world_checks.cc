// CoreWorld: what has to hold after each event.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "core/audit.h"
#include "tests/support/core_driver.h"
#include "tests/support/core_world.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is tested
using std::chrono::seconds;

namespace {

std::int64_t number(const std::optional<WallTime>& value) {
    return value ? value->time_since_epoch().count() : -1;
}

std::string text(const Oracle::Answer& answer) {
    return answer.refusal ? fmt::format("{} {}", answer.client, describe(*answer.refusal))
                          : fmt::format("{} gets its secret", answer.client);
}

Duration interval_of(const Client& client) {
    return std::max<Duration>(client.settings.interval, seconds(1));
}

} // namespace

CoreWorld::Views CoreWorld::views() const {
    Views views;
    for (const auto& [id, client] : server_->clients()) {
        const Life& life = client.life;
        const ClientSettings& settings = client.settings;
        views.emplace(id, View{.name = settings.name,
                               .properties = {
                                   {Property::ApprovalPending, client.waiting > 0},
                                   {Property::CheckerRunning, client.check.has_value()},
                                   {Property::Enabled, life.enabled},
                                   {Property::Expires, life.enabled ? number(life.expires.wall) : -1},
                                   {Property::LastEnabled, number(life.last_enabled)},
                                   {Property::LastCheckedOk, number(life.last_checked_ok)},
                                   {Property::LastApprovalRequest, number(life.last_approval_request)},
                                   {Property::LastCheckerStatus, life.last_checker_status},
                                   {Property::Timeout, settings.timeout.count()},
                                   {Property::ExtendedTimeout, settings.extended_timeout.count()},
                                   {Property::Interval, settings.interval.count()},
                                   {Property::ApprovalDelay, settings.approval_delay.count()},
                                   {Property::ApprovalDuration, settings.approval_duration.count()},
                                   {Property::ApprovedByDefault, settings.approved_by_default},
                                   {Property::Host, settings.host.empty() ? -1 : settings.host.front()},
                                   {Property::KeyId, settings.key_id ? settings.key_id->text().front() : -1},
                               }});
    }
    return views;
}

void CoreWorld::happens(const Event& event, const std::string& told) {
    if (failure_)
        return;
    const Views before = std::move(seen_);
    oracle_.running.clear();
    for (const auto& [id, check] : running_)
        oracle_.running.emplace(id, check.id);
    const Oracle oracle_before = oracle_;
    const Oracle::Expected expected = oracle_.happens(event, now_);
    const Actions actions = server_->handle(event, now_);
    if (!told.empty() || !actions.empty())
        say(told.empty() ? "something is due" : told);

    look_at_names(actions, before);
    compare_answers(expected, actions);
    compare_audit(expected, actions);
    follow_checks(actions, std::holds_alternative<BeginCheck>(event));
    seen_ = views();
    look_at_changes(actions, before);
    compare_clients();
    if (!std::holds_alternative<Stopping>(event)) // the last one
        look_at_deadlines(std::holds_alternative<TimePassed>(event));
    if (failure_)
        return;
    look_at_releases(commit(actions, oracle_before), actions);
    ask_for_everybody();
}

// The server starts, on the disk that it left.
void CoreWorld::begin(bool same_boot, Time now_before) {
    const StoredState state = store_.read(same_boot);
    const bool clean = state.stopped_cleanly;
    auto [server, actions] = Server::start(state, configuration_, now_, random_());
    server_ = std::move(server);
    if (const auto wrong =
            oracle_.restarts({.now = now_, .now_before = now_before, .same_boot = same_boot, .clean = clean},
                             configuration_, server_->clients()))
        expect(false, *wrong);
    expect(server_->is_locked_down() == oracle_.is_locked(), "the restart forgot about lockdown");
    expect(!has<Release>(actions) && !has<Refuse>(actions), "somebody is answered who did not ask");

    std::set<ClientId> added;
    for (const auto& one : all<Added>(actions))
        expect(added.insert(one.client).second, "a client is added twice");
    for (const auto& one : all<Removed>(actions))
        added.erase(one.client);
    expect(added.size() == server_->clients().size(), "not all clients were added at the start");
    follow_checks(actions, false);
    seen_ = views();
    compare_clients();
    look_at_deadlines(false);
    if (failure_)
        return;
    (void)commit(actions, oracle_); // into a store that works
    expect(!store_.stopped_cleanly(), "it is not written down that the server runs");
    ask_for_everybody();
}

// Who is added or removed is said; and nothing is to be done about who is gone.
void CoreWorld::look_at_names(const Actions& actions, const Views& before) {
    for (const auto& added : all<Added>(actions)) {
        const Client* client = server_->clients().find(added.client);
        if (client == nullptr)
            return expect(false, "who was added is not there");
        oracle_.names.emplace(added.client, client->settings.name);
    }
    for (const auto& removed : all<Removed>(actions)) {
        expect(server_->clients().find(removed.client) == nullptr, "who was removed is there");
        expect(oracle_.names.erase(removed.client) == 1, "who was removed was not there");
    }
    expect(oracle_.names.size() == server_->clients().size(), "a client came or went, and nobody says so");
    for (const Action& action : actions)
        std::visit(
            [&]<class T>(const T& one) {
                if constexpr (std::is_same_v<T, Release> || std::is_same_v<T, AwaitApproval>) {
                    expect(oracle_.names.contains(one.id) || before.contains(one.id),
                           "a secret of nobody is spoken of");
                } else if constexpr (std::is_same_v<T, StopCheck>) {
                    expect(running_.contains(one.client) || oracle_.names.contains(one.client),
                           "a check of nobody is stopped");
                } else if constexpr (!std::is_same_v<T, Removed> && requires {
                                         { one.client } -> std::same_as<const ClientId&>;
                                     }) {
                    expect(oracle_.names.contains(one.client), "an action speaks of a client that is gone");
                }
            },
            action);
}

void CoreWorld::compare_answers(const Oracle::Expected& expected, const Actions& actions) {
    std::map<ConnectionId, Oracle::Answer> answers;
    std::map<std::string, int> recorded; // of releases that did not happen yet
    const auto answer = [&](ConnectionId connection, Oracle::Answer what) {
        expect(answers.emplace(connection, std::move(what)).second && answered_.insert(connection).second,
               fmt::format("connection {} is answered twice", static_cast<std::uint64_t>(connection)));
    };
    for (const Action& action : actions) {
        if (const auto* audit = std::get_if<Audit>(&action)) {
            if (audit->record.event == AuditEvent::SecretReleased)
                ++recorded[audit->record.client];
        } else if (const auto* release = std::get_if<Release>(&action)) {
            expect(--recorded[release->client] == 0,
                   fmt::format("{} gets its secret, and no record of that comes before it", release->client));
            expect(release->secret && !release->secret->empty(), "an empty secret is released");
            answer(release->connection,
                   {.client = release->client, .secret = std::string(as_text(*release->secret))});
        } else if (const auto* refuse = std::get_if<Refuse>(&action)) {
            answer(refuse->connection, {.refusal = refuse->reason, .client = refuse->client});
        }
    }
    for (const auto& [name, count] : recorded)
        expect(count == 0, fmt::format("a record says that {} got its secret, and it did not", name));
    for (const auto& [connection, what] : expected.answers) {
        const auto found = answers.find(connection);
        const std::string who = fmt::format("connection {}", static_cast<std::uint64_t>(connection));
        if (found == answers.end())
            expect(false, fmt::format("{} gets no answer instead of: {}", who, text(what)));
        else
            expect(found->second == what,
                   fmt::format("{} is told: {}, instead of: {}", who, text(found->second), text(what)));
    }
    for (const auto& [connection, what] : answers)
        expect(expected.answers.contains(connection),
               fmt::format("connection {} is told: {}, and nobody asked",
                           static_cast<std::uint64_t>(connection), text(what)));

    const auto waits = all<AwaitApproval>(actions);
    expect(waits.size() == (expected.waits ? 1U : 0U), "it is not said who waits for approval");
    if (expected.waits && !waits.empty()) {
        const Oracle::Wait& wait = oracle_.waits().at(*expected.waits);
        const ClientSettings& settings = oracle_.accounts().at(wait.client).settings;
        expect(waits.front().connection == *expected.waits && waits.front().client == wait.client
                   && waits.front().delay == settings.approval_delay
                   && waits.front().approved_by_default == settings.approved_by_default,
               "it is said wrongly who waits for approval");
    }
}

void CoreWorld::compare_audit(const Oracle::Expected& expected, const Actions& actions) {
    std::vector<std::pair<AuditEvent, std::string>> audit;
    for (const auto& [record] : all<Audit>(actions)) {
        expect(record.time == now_.wall, "an audit record has another time");
        if (record.event != AuditEvent::Refused && record.event != AuditEvent::SettingsChanged)
            audit.emplace_back(record.event, record.client);
    }
    std::ranges::sort(audit);
    if (audit == expected.audit)
        return;
    std::string what = "the audit has";
    for (const auto& [event, name] : audit)
        what += fmt::format(" {} {},", name_of(event), name);
    what += " instead of";
    for (const auto& [event, name] : expected.audit)
        what += fmt::format(" {} {},", name_of(event), name);
    expect(false, what);
}

// No check runs twice at a time, and none of who is not alive, unless somebody asked for it.
void CoreWorld::follow_checks(const Actions& actions, bool on_demand) {
    for (const Action& action : actions) {
        if (const auto* start = std::get_if<StartCheck>(&action)) {
            const auto account = oracle_.names.find(start->client);
            const bool lives =
                account != oracle_.names.end() && oracle_.accounts().at(account->second).trust.lives;
            expect(
                running_.emplace(start->client, Check{.id = start->check, .on_demand = on_demand && !lives})
                    .second,
                "a check begins while another runs");
            expect(start->limit >= seconds(1), "a check has no time");
        } else if (const auto* stop = std::get_if<StopCheck>(&action)) {
            const auto found = running_.find(stop->client);
            if (found == running_.end())
                return expect(false, "a check is stopped that does not run");
            stopped_.emplace_back(stop->client, found->second.id);
            running_.erase(found);
        }
    }
    // One that has ended.
    std::erase_if(running_, [&](const auto& check) {
        const Client* client = server_->clients().find(check.first);
        if (client == nullptr || client->check)
            return false;
        stopped_.emplace_back(check.first, check.second.id);
        return true;
    });
    for (const auto& [id, check] : running_) {
        const Client* client = server_->clients().find(id);
        if (client == nullptr)
            return expect(false, "a check goes on, and its client is gone");
        expect(client->check == check.id, "the server takes another check for the one that runs");
        expect(client->life.enabled || check.on_demand,
               fmt::format("a check of {} runs, and it is disabled", client->settings.name));
    }
    for (const auto& [id, client] : server_->clients())
        expect(!client.check || running_.contains(id), "the server takes a check for running");
}

// Whatever is otherwise than before is said to be.
void CoreWorld::look_at_changes(const Actions& actions, const Views& before) {
    for (const auto& [id, now] : seen_) {
        const auto was = before.find(id);
        if (was == before.end())
            continue;
        for (std::size_t i = 0; i < now.properties.size(); ++i) {
            const auto [property, value] = now.properties[i];
            if (was->second.properties[i].second != value)
                expect(tells(actions, id, property),
                       fmt::format("property {} of {} is {} instead of {}, and nobody says so",
                                   static_cast<int>(property), now.name, value,
                                   was->second.properties[i].second));
        }
    }
}

void CoreWorld::compare_clients() {
    std::map<std::string, std::size_t> waiting;
    for (const auto& [connection, wait] : oracle_.waits())
        ++waiting[wait.client];
    if (server_->clients().size() != oracle_.accounts().size())
        return expect(false, "a client is there that should not, or the other way round");
    for (const auto& [id, client] : server_->clients()) {
        const std::string& name = client.settings.name;
        const auto found = oracle_.accounts().find(name);
        if (found == oracle_.accounts().end())
            return expect(false, fmt::format("{} is there and should not", name));
        const Oracle::Account& account = found->second;
        const Life& life = client.life;
        expect(same_settings(client.settings, account.settings),
               fmt::format("{} has other settings than it should", name));
        expect(life.enabled == account.trust.lives,
               fmt::format("{} is {}", name, life.enabled ? "enabled" : "disabled"));
        if (life.enabled && account.trust.lives) {
            expect(life.expires.boot == account.trust.until,
                   fmt::format("{} expires in {} s instead of {} s", name,
                               (life.expires.boot - now_.boot) / seconds(1),
                               (account.trust.until - now_.boot) / seconds(1)));
            expect(life.expires.wall - now_.wall == life.expires.boot - now_.boot,
                   fmt::format("{} expires at different times on both clocks", name));
            expect(client.check || client.next_check <= now_.boot + interval_of(client),
                   fmt::format("{} is not checked soon enough", name));
        }
        expect(life.decision == account.trust.decision
                   && (!life.decision || life.decision_ends.boot == account.trust.decision_ends),
               fmt::format("{} is approved or denied otherwise", name));
        expect((life.last_checker_status == 0) == account.trust.last_check_good,
               fmt::format("the last check of {} ended otherwise", name));
        expect(client.waiting == waiting[name],
               fmt::format("{} of {} wait instead of {}", client.waiting, name, waiting[name]));
    }
}

void CoreWorld::look_at_deadlines(bool time_passed) {
    std::optional<Time> next;
    const auto at = [&next](Time time) { next = next ? std::min(*next, time) : time; };
    for (const auto& [connection, wait] : oracle_.waits())
        at(wait.ends);
    for (const auto& [id, client] : server_->clients()) {
        const auto account = oracle_.accounts().find(client.settings.name);
        if (account == oracle_.accounts().end())
            return;
        const Oracle::Trust& trust = account->second.trust;
        if (trust.decision)
            at(trust.decision_ends);
        if (trust.lives) {
            at(trust.until);
            if (!client.check)
                at(client.next_check);
        }
    }
    const auto in = [this](const std::optional<Time>& time) {
        return time ? fmt::format("{} ms", (*time - now_.boot) / std::chrono::milliseconds(1)) : "no time";
    };
    expect(server_->next_deadline() == next,
           fmt::format("the next deadline is in {} instead of {}", in(server_->next_deadline()), in(next)));
    if (time_passed)
        expect(!next || *next > now_.boot, "what is due is not done");
}

} // namespace mandos::support
