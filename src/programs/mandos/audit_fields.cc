#include "programs/mandos/audit_fields.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "adapters/log/log.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/audit.h"

namespace mandos::server {

namespace {

// MESSAGE_ID of each event, in the order of the enumeration; never changed, never used again.
constexpr std::array<std::string_view, core::audit_event_names.size()> message_ids{
    "fadad372592f4bb1ad6065348047e7fe", // server-started
    "016146d675f04ed6b4f6ca6350e8ed8c", // server-stopped
    "767e26fbc4304c8086a772be05af3934", // secret-released
    "f6816eeed68a4417915f859b6f89f91d", // secret-delivered
    "db74746105b541a18186e6fd201fd2c4", // secret-not-delivered
    "b6d9a63744234cdb901559bf8dfee2ac", // refused
    "a7b3e81d24a94ffba52aef8749d42d13", // expired
    "93af951cdbd74251ad8f928d9e0f0d59", // disabled
    "c33d0273689049b59013791fc10bc1df", // enabled
    "190fdfad843d42f1a7a0aefa22a695a9", // approved
    "3577b0b5afe347b39f7855624cc29c87", // denied
    "0728efdf257d48398ce8752f8cd66ecb", // marked-alive
    "a5384e389a114e829ececa42c0e6e6fd", // settings-changed
    "67ea90cbf4334c58935e3c3462b7ff72", // client-added
    "2035db638c2c489b97f1d4e32369050f", // client-removed
    "dd4d9fd6a9304104b21a3cc6d2fbfc6b", // configuration-read
    "4939ab25726b435bb9121cae45636483", // lockdown-begun
    "ab49bcd8e7f5490496f5b11122349fdf", // lockdown-ended
    "19df50cb43fe411caacb7d0eeeba7463", // state-imported
};
constexpr std::string_view approval_needed_id = "9d03a141326a43439bab47971365d146";

void add(log::Log::Fields& fields, std::string_view name, std::string value) {
    if (!value.empty())
        fields.push_back({.name = name, .value = std::move(value)});
}

// PEER is as PeerAddress::text() writes it; its port is new each time, so that nobody can search for it.
void add_peer(log::Log::Fields& fields, const std::string& peer) {
    std::string address = peer.substr(0, peer.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    add(fields, "MANDOS_PEER", peer);
    add(fields, "MANDOS_ADDRESS", std::move(address));
}

void add_left_out(log::Log::Fields& fields, std::size_t count) {
    if (count != 0)
        add(fields, "MANDOS_LEFT_OUT", std::to_string(count));
}

} // namespace

std::string audit_line(const core::AuditRecord& record) {
    const std::string client = quoted(record.client);
    switch (record.event) {
    case core::AuditEvent::SecretReleased:
        return fmt::format("client {}: the secret is released to {}", client, record.peer);
    case core::AuditEvent::SecretDelivered:
        return fmt::format("client {}: secret sent to {}", client, record.peer);
    case core::AuditEvent::SecretNotDelivered:
        return fmt::format("client {}: the secret was released to {}, but could not be delivered: {}", client,
                           record.peer, record.cause);
    case core::AuditEvent::Refused:
        return fmt::format("{}: refused: {}", record.peer, record.cause);
    case core::AuditEvent::ConfigurationRead:
        return record.actor == core::configuration_at_start
                   ? fmt::format("the configuration was read: {}", record.cause)
                   : fmt::format("the configuration was read anew: {}, by {}", record.cause, record.actor);
    case core::AuditEvent::ServerStarted:
    case core::AuditEvent::ServerStopped:
    case core::AuditEvent::Expired:
    case core::AuditEvent::Disabled:
    case core::AuditEvent::Enabled:
    case core::AuditEvent::Approved:
    case core::AuditEvent::Denied:
    case core::AuditEvent::MarkedAlive:
    case core::AuditEvent::SettingsChanged:
    case core::AuditEvent::ClientAdded:
    case core::AuditEvent::ClientRemoved:
    case core::AuditEvent::LockdownBegun:
    case core::AuditEvent::LockdownEnded:
    case core::AuditEvent::StateImported:
        break;
    }
    std::string line;
    if (!record.client.empty())
        line += fmt::format("client {}: ", client);
    line += core::name_of(record.event);
    if (!record.cause.empty())
        line += fmt::format(" ({})", record.cause);
    if (!record.actor.empty())
        line += fmt::format(", by {}", record.actor);
    return line;
}

log::Log::Fields audit_fields(const core::AuditRecord& record, std::optional<std::uint64_t> number) {
    log::Log::Fields fields;
    add(fields, "MESSAGE_ID", std::string(message_ids.at(static_cast<std::size_t>(record.event))));
    add(fields, "MANDOS_EVENT", std::string(core::name_of(record.event)));
    add(fields, "MANDOS_CLIENT", record.client);
    add_peer(fields, record.peer);
    add(fields, "MANDOS_CAUSE", record.cause);
    add(fields, "MANDOS_ACTOR", record.actor);
    if (number)
        add(fields, "MANDOS_RECORD", std::to_string(*number));
    add_left_out(fields, record.left_out);
    return fields;
}

log::Log::Fields approval_fields(const core::AwaitApproval& wait, std::size_t left_out) {
    log::Log::Fields fields;
    add(fields, "MESSAGE_ID", std::string(approval_needed_id));
    add(fields, "MANDOS_EVENT", "approval-needed");
    add(fields, "MANDOS_CLIENT", wait.client);
    add_peer(fields, wait.peer.text());
    add_left_out(fields, left_out);
    return fields;
}

} // namespace mandos::server
