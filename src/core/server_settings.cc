// Server: which clients there are, and with what settings.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/duration.h"
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

namespace mandos::core {

namespace {

// A power cut is a crash too: nobody can tell them apart.
std::string how_it_ended(const StoredState& stored) {
    if (stored.first_start)
        return "for the first time";
    return stored.stopped_cleanly ? "after a clean stop" : "after a crash";
}

} // namespace

std::pair<Server, Actions> Server::start(StoredState stored, std::vector<ClientSettings> configured, Now now,
                                         std::uint64_t seed) {
    Server server(seed);
    server.now_ = now;
    server.follow_the_wall_clock();
    server.locked_down_ = stored.locked_down;
    server.removed_ = {stored.removed.begin(), stored.removed.end()};
    server.actions_.emplace_back(SaveServer{.stopped_cleanly = false});
    server.audit(AuditEvent::ServerStarted, nullptr, how_it_ended(stored));

    std::unordered_map<std::string_view, const ClientSettings*> by_name;
    by_name.reserve(configured.size());
    for (const ClientSettings& one : configured)
        by_name.emplace(one.name, &one);
    server.restoring_ = true;
    server.clients_.reserve(std::max(stored.clients.size(), configured.size()));
    for (StoredClient& one : stored.clients) {
        const auto found = by_name.find(one.settings.name);
        const ClientSettings* said = found == by_name.end() ? nullptr : found->second;
        server.restore(std::move(one), said, stored.stopped_cleanly, stored.same_boot);
    }
    server.schedule_restored();
    server.on(Reconfigure{.configured = std::move(configured), .actor = std::string(configuration_at_start)});
    return {std::move(server), std::exchange(server.actions_, {})};
}

// Brings back a client as it was. What the configuration says otherwise today is Reconfigure's.
void Server::restore(StoredClient stored, const ClientSettings* configured, bool stopped_cleanly,
                     bool same_boot) {
    if (configured == nullptr && stored.origin == Origin::Configuration) {
        actions_.emplace_back(Erase{stored.settings.name});
        actions_.emplace_back(Audit{{.time = now_.wall,
                                     .event = AuditEvent::ClientRemoved,
                                     .client = stored.settings.name,
                                     .cause = "it is no longer in the configuration",
                                     .actor = std::string(configuration_at_start)}});
        return;
    }
    Client& client = clients_.add({.settings = std::move(stored.settings),
                                   .configured = std::move(stored.configured),
                                   .origin = stored.origin,
                                   .life = stored.life});
    Life& life = client.life;
    const auto today = [&](const Deadline& deadline) {
        return restored(deadline, stored.saved, now_, same_boot);
    };
    if (life.decision) {
        life.decision_ends = restored_denial(life.decision_ends, stored.saved, now_, same_boot);
        if (*life.decision == Decision::Approve) // an approval was for those who were there
            life.decision.reset();
    }
    actions_.emplace_back(Added{client.id});
    // Deadlines of another boot's clock must not stay: by the next start nobody can tell whose they are.
    if (life.decision || life.enabled)
        save(client, Save::What::Life, Urgency::Now);
    if (!life.enabled) {
        schedule(client);
        return;
    }
    life.expires = today(life.expires);
    // It was well when the server was stopped, and nobody looked since then.
    if (stopped_cleanly && life.last_checker_status == 0) {
        const Deadline anew = deadline_after(length(Allowance::Timeout, client.settings), now_);
        if (life.expires.boot < anew.boot) {
            life.expires = anew;
            life.allowance = Allowance::Timeout;
        }
    }
    if (life.expires.boot <= now_.boot) {
        disable(client);
        audit(AuditEvent::Expired, &client, "while the server did not run");
        return;
    }
    schedule_first_check(client);
}

void Server::on(const Add& act) {
    if (removed_.erase(act.settings.name) > 0)
        actions_.emplace_back(RememberRemoved{.client = act.settings.name, .removed = false});
    add(act.settings, Origin::Runtime, act.actor);
}

void Server::add(ClientSettings settings, Origin origin, const std::string& actor) {
    Client& client =
        clients_.add({.settings = settings, .configured = std::move(settings), .origin = origin});
    client.life.created = now_.wall;
    actions_.emplace_back(Added{client.id});
    save(client, Save::What::Everything, Urgency::Now);
    audit(AuditEvent::ClientAdded, &client, client.settings.enabled ? "enabled" : "disabled", actor);
    if (client.settings.enabled)
        enable(client);
    else
        schedule(client);
}

void Server::on(const Remove& act) {
    Client& client = existing(act.client);
    audit(AuditEvent::ClientRemoved, &client, "", act.actor);
    if (client.origin == Origin::Configuration && removed_.insert(client.settings.name).second)
        actions_.emplace_back(RememberRemoved{.client = client.settings.name, .removed = true});
    remove(client);
}

void Server::remove(Client& client) {
    client.life.enabled = false;
    refuse_waiting(&client, Refusal::Removed);
    if (drop_actions_for(client.id) == Begun::No && client.check)
        actions_.emplace_back(StopCheck{client.id});
    actions_.emplace_back(Erase{client.settings.name});
    actions_.emplace_back(Removed{.client = client.id, .name = client.settings.name});
    due_.erase({client.due, client.id});
    clients_.remove(client.id);
}

// What was to be done for the client ID in this event: there is nobody to do it for any more.
Server::Begun Server::drop_actions_for(ClientId id) {
    std::erase_if(actions_, [id](const Action& action) {
        const auto* save = std::get_if<Save>(&action);
        const auto* changed = std::get_if<Changed>(&action);
        return (save != nullptr && save->client == id) || (changed != nullptr && changed->client == id);
    });
    const auto begun = std::erase_if(actions_, [id](const Action& action) {
        const auto* start = std::get_if<StartCheck>(&action);
        return start != nullptr && start->client == id;
    });
    return begun > 0 ? Begun::Yes : Begun::No;
}

void Server::on(const Change& act) {
    Client& client = existing(act.client);
    const std::string what = apply(client, act.change, act.actor);
    if (what.empty())
        return;
    save(client, Save::What::Everything, Urgency::Now);
    audit(AuditEvent::SettingsChanged, &client, what, act.actor);
}

void Server::on(const Reconfigure& act) {
    std::unordered_set<std::string_view> names;
    names.reserve(act.configured.size());
    for (const ClientSettings& one : act.configured)
        names.insert(one.name);
    std::vector<ClientId> gone;
    for (const auto& [id, client] : clients_)
        if (client.origin == Origin::Configuration && !names.contains(client.settings.name))
            gone.push_back(id);
    for (const ClientId id : gone) {
        Client& client = *clients_.find(id);
        audit(AuditEvent::ClientRemoved, &client, "it is no longer in the configuration", act.actor);
        remove(client);
    }
    std::vector<std::string> forgotten;
    for (const std::string& name : removed_)
        if (!names.contains(name))
            forgotten.push_back(name);
    for (const std::string& name : forgotten) {
        removed_.erase(name);
        actions_.emplace_back(RememberRemoved{.client = name, .removed = false});
    }
    for (const ClientSettings& now : act.configured) {
        if (removed_.contains(now.name))
            continue;
        Client* client = clients_.find(now.name);
        if (client == nullptr) {
            add(now, Origin::Configuration, act.actor);
            continue;
        }
        SettingsChange change = difference(client->configured, now);
        const bool is_adopted = std::exchange(client->origin, Origin::Configuration) == Origin::Runtime;
        // Also what changes nothing now has to be known when the configuration is read the next time.
        const bool is_said_otherwise = is_adopted || change != SettingsChange{};
        // The configuration did not say `no` of who was added at run time.
        if (is_adopted && change.enabled == true)
            change.enabled.reset();
        client->configured = now;
        const std::string what = apply(*client, change, act.actor);
        if (same(client->settings.secret, client->configured.secret))
            client->configured.secret = client->settings.secret; // most clients have one: keep it once
        if (is_said_otherwise)
            save(*client, Save::What::Everything, Urgency::Now);
        if (!what.empty())
            audit(AuditEvent::SettingsChanged, client, what, act.actor);
    }
    audit(AuditEvent::ConfigurationRead, nullptr, fmt::format("{} clients", clients_.size()), act.actor);
}

// Returns what changed, for the audit; empty: nothing.
std::string Server::apply(Client& client, const SettingsChange& change, const std::string& actor) {
    std::string what;
    ClientSettings& settings = client.settings;
    const auto note = [&](const char* name, Property property, const std::string& value) {
        what += fmt::format("{}{} = {}", what.empty() ? "" : ", ", name, value);
        changed(client, property);
    };
    const auto set = [&](auto& target, const auto& value, const char* name, Property property, auto&& text) {
        if (!value || *value == target)
            return false;
        target = *value;
        note(name, property, text(*value));
        return true;
    };
    const auto as_is = [](const std::string& text) { return text; };
    const auto duration = [](Duration value) { return format_duration(countable(value)); };
    const auto yes_or_no = [](bool value) { return std::string(value ? "yes" : "no"); };

    if (change.key_id && *change.key_id != settings.key_id) {
        const std::optional<KeyId> key_id = *change.key_id;
        clients_.set_key_id(client, key_id);
        note("key_id", Property::KeyId, key_id ? key_id->text() : "none");
        refuse_waiting(&client, Refusal::OtherKey);
    }
    set(settings.fingerprint, change.fingerprint, "fingerprint", Property::Fingerprint, as_is);
    set(settings.host, change.host, "host", Property::Host, as_is);
    set(settings.checker, change.checker, "checker", Property::Checker, as_is);
    const Duration timeout_before = countable(settings.timeout);
    if (set(settings.timeout, change.timeout, "timeout", Property::Timeout, duration))
        change_timeout(client, timeout_before);
    set(settings.extended_timeout, change.extended_timeout, "extended_timeout", Property::ExtendedTimeout,
        duration);
    const bool checked_otherwise =
        set(settings.interval, change.interval, "interval", Property::Interval, duration);
    set(settings.approval_delay, change.approval_delay, "approval_delay", Property::ApprovalDelay, duration);
    set(settings.approval_duration, change.approval_duration, "approval_duration", Property::ApprovalDuration,
        duration);
    set(settings.approved_by_default, change.approved_by_default, "approved_by_default",
        Property::ApprovedByDefault, yes_or_no);
    if (change.secret && !same(change.secret, settings.secret)) {
        settings.secret = change.secret;
        note("secret", Property::SecretMessage, "(another)");
    }
    if (checked_otherwise)
        restart_checks(client);
    settings.enabled = change.enabled.value_or(settings.enabled);
    if (change.enabled && *change.enabled != client.life.enabled) {
        what += fmt::format("{}enabled = {}", what.empty() ? "" : ", ", yes_or_no(*change.enabled));
        if (*change.enabled) {
            enable(client);
            audit(AuditEvent::Enabled, &client, "the configuration says so now", actor);
        } else {
            disable(client);
            audit(AuditEvent::Disabled, &client, "the configuration says so now", actor);
            refuse_waiting(&client, Refusal::Disabled);
        }
    }
    return what;
}

// The time that CLIENT has left, with the timeout that it has now and BEFORE that. A shorter one counts from
// now on where it would already have passed: it disables nobody by itself, and gives nobody more time.
void Server::change_timeout(Client& client, Duration before) {
    const Life& life = client.life;
    if (!life.enabled || life.allowance != Allowance::Timeout)
        return;
    const Duration timeout = length(Allowance::Timeout, client.settings);
    const Duration difference = timeout - before;
    Deadline expires{.boot = life.expires.boot + difference, .wall = life.expires.wall + difference};
    const Deadline from_now = deadline_after(timeout, now_);
    if (difference < Duration::zero() && expires.boot <= now_.boot)
        expires = from_now.boot < life.expires.boot ? from_now : life.expires;
    set_expiry(client, expires, Allowance::Timeout);
}

} // namespace mandos::core
