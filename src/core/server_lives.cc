// Server: how clients live, and when they are checked.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/duration.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/life.h"
#include "core/limits.h"
#include "core/server.h"
#include "core/time.h"

namespace mandos::core {

namespace {

Duration interval_of(const Client& client) {
    return std::max<Duration>(countable(client.settings.interval), limits::shortest_interval);
}

} // namespace

void Server::let_time_pass() {
    follow_the_wall_clock();
    for (;;) {
        const bool wait_ends = !waits_end_.empty() && waits_end_.begin()->first <= now_.boot;
        const bool client_due = !due_.empty() && due_.begin()->first <= now_.boot;
        // Who has run out of time is disabled first, though its wait ended before that: nothing was answered
        // then, perhaps since the machine slept.
        if (client_due) {
            look_at(*clients_.find(due_.begin()->second));
        } else if (wait_ends) {
            const ConnectionId connection = waits_end_.begin()->second;
            const Waiting waiting = waiting_.at(connection);
            if (!answer_by_the_rules(connection, waiting.key_id, waiting.peer)) {
                const Client& client = *clients_.find(waiting.key_id).client;
                if (client.settings.approved_by_default)
                    release(connection, client, waiting.peer);
                else
                    refuse(connection, Refusal::ApprovalTimedOut, waiting.key_id, &client, waiting.peer);
            }
            end_wait(connection);
        } else {
            return;
        }
    }
}

// What is due of CLIENT.
void Server::look_at(Client& client) {
    Life& life = client.life;
    if (life.decision && life.decision_ends.boot <= now_.boot) {
        life.decision.reset();
        save(client, Save::What::Life, Urgency::Soon);
    }
    if (life.enabled && life.expires.boot <= now_.boot) {
        const bool restarts = life.allowance == Allowance::Extended;
        disable(client);
        audit(AuditEvent::Expired, &client,
              fmt::format("no sign of life within the {} of {}", restarts ? "extended timeout" : "timeout",
                          format_duration(
                              length(restarts ? Allowance::Extended : Allowance::Timeout, client.settings))));
        refuse_waiting(&client, Refusal::Disabled);
    }
    if (life.enabled && !client.check && client.next_check <= now_.boot)
        begin_check(client);
    schedule(client);
}

// Deadlines count on the boot-time clock; what is stored and shown of them has to follow when the wall clock
// is set.
void Server::follow_the_wall_clock() {
    constexpr auto noticed = std::chrono::seconds(1);
    const auto offset = now_.wall.time_since_epoch()
                        - std::chrono::duration_cast<WallTime::duration>(now_.boot.time_since_epoch());
    if (clock_offset_ && std::chrono::abs(offset - *clock_offset_) < noticed)
        return;
    const bool was_set = std::exchange(clock_offset_, offset).has_value();
    if (!was_set)
        return;
    for (auto& [id, client] : clients_) {
        Life& life = client.life;
        const auto at = [this](Time boot) {
            return now_.wall + std::chrono::duration_cast<WallTime::duration>(boot - now_.boot);
        };
        if (life.decision)
            life.decision_ends.wall = at(life.decision_ends.boot);
        if (life.enabled) {
            life.expires.wall = at(life.expires.boot);
            changed(client, Property::Expires);
        }
        if (life.decision || life.enabled)
            save(client, Save::What::Life, Urgency::Now);
    }
}

void Server::on(const Enable& act) {
    Client& client = existing(act.client);
    if (client.life.enabled)
        return;
    enable(client);
    audit(AuditEvent::Enabled, &client, "", act.actor);
}

void Server::enable(Client& client) {
    client.life.enabled = true;
    client.life.last_enabled = now_.wall;
    changed(client, Property::Enabled);
    changed(client, Property::LastEnabled);
    save(client, Save::What::Life, Urgency::Now);
    live_for(client, Allowance::Timeout);
    schedule_first_check(client);
}

void Server::on(const Disable& act) {
    Client& client = existing(act.client);
    if (!client.life.enabled)
        return;
    disable(client);
    audit(AuditEvent::Disabled, &client, "", act.actor);
    refuse_waiting(&client, Refusal::Disabled);
}

void Server::disable(Client& client) {
    client.life.enabled = false;
    changed(client, Property::Expires);
    stop_check(client);
    changed(client, Property::Enabled);
    save(client, Save::What::Life, Urgency::Now);
    schedule(client);
}

void Server::on(const MarkAlive& act) {
    Client& client = existing(act.client);
    client.life.last_checked_ok = now_.wall;
    changed(client, Property::LastCheckedOk);
    if (std::exchange(client.life.last_checker_status, 0) != 0)
        changed(client, Property::LastCheckerStatus);
    save(client, Save::What::Life, Urgency::Now);
    if (client.life.enabled)
        live_for(client, Allowance::Timeout);
    audit(AuditEvent::MarkedAlive, &client, "", act.actor);
}

void Server::on(const CheckEnded& ended) {
    Client* client = clients_.find(ended.client);
    if (client == nullptr || client->check != ended.check)
        return; // it was stopped meanwhile
    client->check.reset();
    changed(*client, Property::CheckerRunning);
    const int before = std::exchange(client->life.last_checker_status, ended.status);
    if (before != ended.status)
        changed(*client, Property::LastCheckerStatus);
    // After a clean stop the last check decides: that it went wrong must not get lost.
    save(*client, Save::What::Life, before == 0 && ended.status != 0 ? Urgency::Now : Urgency::Soon);
    if (ended.status == 0) {
        client->life.last_checked_ok = now_.wall;
        changed(*client, Property::LastCheckedOk);
        if (client->life.enabled)
            live_for(*client, Allowance::Timeout);
    }
    schedule(*client);
}

// CLIENT, which is enabled, has all of ALLOWANCE from now on.
void Server::live_for(Client& client, Allowance allowance) {
    set_expiry(client, deadline_after(length(allowance, client.settings), now_), allowance);
}

void Server::set_expiry(Client& client, Deadline expires, Allowance allowance) {
    Life& life = client.life;
    // A crash may lose that a client has more time, never that it has less.
    const bool more =
        life.expires.boot <= expires.boot && allowance == Allowance::Timeout && life.expires.boot > now_.boot;
    life.expires = expires;
    life.allowance = allowance;
    save(client, Save::What::Life, more ? Urgency::Soon : Urgency::Now);
    changed(client, Property::Expires);
    schedule(client);
}

void Server::on(const BeginCheck& act) {
    Client& client = existing(act.client);
    if (!client.check)
        begin_check(client);
    schedule(client);
}

void Server::on(const CancelCheck& act) {
    Client& client = existing(act.client);
    stop_check(client);
    schedule(client);
}

void Server::begin_check(Client& client) {
    client.check = static_cast<CheckId>(++last_check_);
    client.check_started = now_.boot;
    client.next_check = now_.boot + interval_of(client);
    changed(client, Property::CheckerRunning); // before CheckerStarted, as 1.8 tells it
    actions_.emplace_back(StartCheck{.client = client.id,
                                     .check = *client.check,
                                     .limit = std::max<Duration>(length(Allowance::Timeout, client.settings),
                                                                 limits::shortest_check_limit)});
}

void Server::stop_check(Client& client) {
    if (!client.check)
        return;
    client.check.reset();
    actions_.emplace_back(StopCheck{client.id});
    changed(client, Property::CheckerRunning);
}

// With the interval that CLIENT has now: from a check on that begins at once, if none runs.
void Server::restart_checks(Client& client) {
    if (!client.life.enabled)
        return;
    if (!client.check)
        begin_check(client);
    client.next_check = now_.boot + interval_of(client);
    schedule(client);
}

// At a random moment within the interval, so that checks are spread evenly however many clients began
// together; early enough to help a client that has not much time left.
void Server::schedule_first_check(Client& client) {
    const Time::duration left = (client.life.expires.boot - now_.boot) / 2;
    const Time::duration latest =
        std::max(Time::duration::zero(), std::min<Time::duration>(interval_of(client), left));
    std::uniform_int_distribution<Time::duration::rep> within(0, latest.count());
    client.next_check = now_.boot + Time::duration(within(random_));
    schedule(client);
}

// When CLIENT has to be looked at next.
void Server::schedule(Client& client) {
    Time due = Time::max();
    if (client.life.decision)
        due = std::min(due, client.life.decision_ends.boot);
    if (client.life.enabled) {
        due = std::min(due, client.life.expires.boot);
        if (!client.check)
            due = std::min(due, client.next_check);
    }
    if (due == client.due)
        return;
    if (restoring_) {
        client.due = due;
        return;
    }
    if (client.due != Time::max())
        due_.erase({client.due, client.id});
    client.due = due;
    if (due != Time::max())
        due_.emplace(due, client.id);
}

// Sorted first: a tree that very many are put into by chance is a third of what the core does at a start.
void Server::schedule_restored() {
    std::vector<std::pair<Time, ClientId>> due;
    due.reserve(clients_.size());
    for (const auto& [id, client] : clients_)
        if (client.due != Time::max())
            due.emplace_back(client.due, id);
    std::ranges::sort(due);
    due_ = {due.begin(), due.end()};
    restoring_ = false;
}

} // namespace mandos::core
