// Server: how connections are answered.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/check.h"
#include "base/duration.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/peer_address.h"
#include "core/server.h"
#include "core/time.h"

namespace mandos::core {

std::string_view describe(Refusal refusal) {
    switch (refusal) {
    case Refusal::UnknownKey:
        return "is that of no client";
    case Refusal::SharedKey:
        return "is that of more than one client in the configuration";
    case Refusal::Lockdown:
        return "gets nothing: the server is in lockdown";
    case Refusal::Disabled:
        return "is disabled";
    case Refusal::Removed:
        return "was removed while it waited for approval";
    case Refusal::OtherKey:
        return "got another key while this one waited for approval";
    case Refusal::NoSecret:
        return "has an empty secret";
    case Refusal::Denied:
        return "was denied";
    case Refusal::ApprovalTimedOut:
        return "was not approved in time";
    case Refusal::Stopping:
        return "gets nothing: the server is stopping";
    case Refusal::NotStored:
        return "gets nothing: the audit record cannot be written";
    }
    return "gets nothing";
}

std::string refusal_text(Refusal refusal, const std::string& client) {
    return fmt::format("client {} {}", quoted(client), describe(refusal));
}

std::string refusal_text(Refusal refusal, const KeyId& key_id) {
    return refusal == Refusal::UnknownKey ? fmt::format("unknown key ID {}", key_id.text())
                                          : fmt::format("key ID {} {}", key_id.text(), describe(refusal));
}

std::optional<Refusal> Server::objection(const Client& client) const {
    if (locked_down_)
        return Refusal::Lockdown;
    if (!client.life.enabled)
        return Refusal::Disabled;
    if (!client.settings.has_secret())
        return Refusal::NoSecret;
    if (client.life.decision == Decision::Deny)
        return Refusal::Denied;
    return std::nullopt;
}

bool Server::answer_by_the_rules(ConnectionId connection, const KeyId& key_id, const PeerAddress& peer) {
    const Clients::Found found = clients_.find(key_id);
    switch (found.result) {
    case Clients::Lookup::Unknown:
        refuse(connection, Refusal::UnknownKey, key_id, nullptr, peer);
        return true;
    case Clients::Lookup::Shared:
        refuse(connection, Refusal::SharedKey, key_id, nullptr, peer);
        return true;
    case Clients::Lookup::Found:
        break;
    }
    const Client& client = *found.client;
    if (const auto objects = objection(client)) {
        refuse(connection, *objects, key_id, &client, peer);
        return true;
    }
    if (client.life.decision == Decision::Approve || client.settings.approval_delay <= Duration::zero()) {
        release(connection, client, peer);
        return true;
    }
    return false;
}

void Server::on(const SecretAsked& asked) {
    if (answer_by_the_rules(asked.connection, asked.key_id, asked.peer))
        return;
    Client& client = *clients_.find(asked.key_id).client;
    const Time ends = now_.boot + countable(client.settings.approval_delay);
    const bool is_new =
        waiting_
            .try_emplace(
                asked.connection,
                Waiting{.client = client.id, .key_id = asked.key_id, .peer = asked.peer, .ends = ends})
            .second;
    check(is_new, "a connection asks once");
    waits_end_.emplace(ends, asked.connection);
    if (++client.waiting == 1)
        changed(client, Property::ApprovalPending);
    client.life.last_approval_request = now_.wall;
    save(client, Save::What::Life, Urgency::Soon);
    changed(client, Property::LastApprovalRequest);
    actions_.emplace_back(AwaitApproval{.connection = asked.connection,
                                        .id = client.id,
                                        .client = client.settings.name,
                                        .delay = client.settings.approval_delay,
                                        .approved_by_default = client.settings.approved_by_default,
                                        .peer = asked.peer});
}

void Server::on(const ConnectionGone& gone) {
    if (waiting_.contains(gone.connection))
        end_wait(gone.connection);
}

void Server::on(const Delivered& delivered) {
    Client* client = clients_.find(delivered.client);
    actions_.emplace_back(Audit{{.time = now_.wall,
                                 .event = AuditEvent::SecretDelivered,
                                 .client = delivered.name,
                                 .peer = delivered.peer.text()}});
    if (client == nullptr)
        return;
    if (client->life.enabled)
        live_for(*client, Allowance::Extended);
    actions_.emplace_back(SecretGiven{client->id});
}

void Server::on(const NotDelivered& failed) {
    actions_.emplace_back(Audit{{.time = now_.wall,
                                 .event = AuditEvent::SecretNotDelivered,
                                 .client = failed.name,
                                 .peer = failed.peer.text(),
                                 .cause = failed.cause}});
}

void Server::on(const PeerRefused& refused) {
    audit_refusal({.time = now_.wall,
                   .event = AuditEvent::Refused,
                   .peer = refused.peer.text(),
                   .cause = refused.cause},
                  refusals_by_source_.allow(refused.peer.host(), now_.boot));
}

void Server::on(const Approve& act) {
    Client& client = existing(act.client);
    const bool approves = act.decision == Decision::Approve;
    client.life.decision = act.decision;
    client.life.decision_ends = deadline_after(client.settings.approval_duration, now_);
    audit(approves ? AuditEvent::Approved : AuditEvent::Denied, &client,
          fmt::format("for {}, {} waiting", format_duration(countable(client.settings.approval_duration)),
                      client.waiting),
          act.actor);
    save(client, Save::What::Life, Urgency::Now);
    answer_waiting(client);
    // With an approval_duration of nothing it was for those who waited.
    if (client.life.decision_ends.boot <= now_.boot)
        client.life.decision.reset();
    schedule(client);
}

std::vector<PeerAddress> Server::peers_waiting(ClientId client) const {
    std::vector<PeerAddress> peers;
    for (const auto& [connection, waiting] : waiting_)
        if (waiting.client == client)
            peers.push_back(waiting.peer);
    return peers;
}

void Server::answer_waiting(const Client& client) {
    std::vector<std::pair<ConnectionId, Waiting>> answered;
    for (const auto& [connection, waiting] : waiting_)
        if (waiting.client == client.id)
            answered.emplace_back(connection, waiting);
    for (const auto& [connection, waiting] : answered)
        if (answer_by_the_rules(connection, waiting.key_id, waiting.peer))
            end_wait(connection);
}

void Server::refuse_waiting(const Client* client, Refusal reason) {
    std::vector<std::pair<ConnectionId, Waiting>> refused;
    for (const auto& [connection, waiting] : waiting_)
        if (client == nullptr || waiting.client == client->id)
            refused.emplace_back(connection, waiting);
    for (const auto& [connection, waiting] : refused) {
        refuse(connection, reason, waiting.key_id, clients_.find(waiting.client), waiting.peer);
        end_wait(connection);
    }
}

void Server::end_wait(ConnectionId connection) {
    const auto found = waiting_.extract(connection);
    check(!found.empty(), "a wait ends once");
    waits_end_.erase({found.mapped().ends, connection});
    Client* client = clients_.find(found.mapped().client);
    if (client != nullptr && --client->waiting == 0)
        changed(*client, Property::ApprovalPending);
}

void Server::release(ConnectionId connection, const Client& client, const PeerAddress& peer) {
    actions_.emplace_back(Audit{{.time = now_.wall,
                                 .event = AuditEvent::SecretReleased,
                                 .client = client.settings.name,
                                 .peer = peer.text()}});
    actions_.emplace_back(Release{.connection = connection,
                                  .id = client.id,
                                  .client = client.settings.name,
                                  .secret = client.settings.secret});
}

// LEFT_OUT as LogLimiter::allow() has it.
void Server::audit_refusal(AuditRecord record, std::optional<std::size_t> left_out) {
    if (!left_out) {
        actions_.emplace_back(LeftOut{std::move(record)});
        return;
    }
    record.left_out = *left_out;
    actions_.emplace_back(Audit{std::move(record)});
}

void Server::refuse(ConnectionId connection, Refusal reason, const KeyId& key_id, const Client* client,
                    const PeerAddress& peer) {
    const std::string name = client == nullptr ? std::string() : client->settings.name;
    const auto left_out = client == nullptr ? refusals_by_source_.allow(peer.host(), now_.boot)
                                            : refusals_by_client_.allow(name, now_.boot);
    audit_refusal({.time = now_.wall,
                   .event = AuditEvent::Refused,
                   .client = name,
                   .peer = peer.text(),
                   .cause = client == nullptr ? refusal_text(reason, key_id) : refusal_text(reason, name)},
                  left_out);
    actions_.emplace_back(Refuse{.connection = connection,
                                 .reason = reason,
                                 .key_id = key_id,
                                 .id = client == nullptr ? std::nullopt : std::optional(client->id),
                                 .client = name,
                                 .peer = peer});
}

} // namespace mandos::core
