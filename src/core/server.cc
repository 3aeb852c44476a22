#include "core/server.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/time.h"

namespace mandos::core {

Actions Server::handle(const Event& event, Now now) {
    check(actions_.empty(), "events are handled one after the other");
    now_ = now;
    let_time_pass();
    std::visit([this](const auto& what) { on(what); }, event);
    return std::exchange(actions_, {});
}

std::optional<Time> Server::next_deadline() const {
    std::optional<Time> next;
    if (!waits_end_.empty())
        next = waits_end_.begin()->first;
    if (!due_.empty() && (!next || due_.begin()->first < *next))
        next = due_.begin()->first;
    return next;
}

void Server::on(const TimePassed& /*passed*/) {} // it does, with every event

void Server::on(const SetLockdown& act) {
    if (locked_down_ == act.on)
        return;
    locked_down_ = act.on;
    actions_.emplace_back(SaveServer{.locked_down = act.on});
    audit(act.on ? AuditEvent::LockdownBegun : AuditEvent::LockdownEnded, nullptr, "", act.actor);
    actions_.emplace_back(LockdownChanged{act.on});
    if (act.on)
        refuse_waiting(nullptr, Refusal::Lockdown);
}

void Server::on(const Stopping& /*stopping*/) {
    refuse_waiting(nullptr, Refusal::Stopping);
    for (auto& [id, client] : clients_) {
        stop_check(client);
        save(client, Save::What::Life, Urgency::Now);
    }
    audit(AuditEvent::ServerStopped, nullptr, "");
    actions_.emplace_back(SaveServer{.stopped_cleanly = true});
}

Client& Server::existing(ClientId id) {
    Client* client = clients_.find(id);
    check(client != nullptr, "an act of an administrator is about a client that exists");
    return *client;
}

void Server::audit(AuditEvent event, const Client* client, std::string cause, const std::string& actor) {
    actions_.emplace_back(Audit{{.time = now_.wall,
                                 .event = event,
                                 .client = client == nullptr ? std::string() : client->settings.name,
                                 .cause = std::move(cause),
                                 .actor = actor}});
}

void Server::changed(const Client& client, Property property) {
    actions_.emplace_back(Changed{.client = client.id, .property = property});
}

void Server::save(const Client& client, Save::What what, Urgency urgency) {
    actions_.emplace_back(Save{.client = client.id, .what = what, .urgency = urgency});
}

} // namespace mandos::core
