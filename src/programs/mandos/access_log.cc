#include "programs/mandos/access_log.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "adapters/log/log.h"
#include "base/duration.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/peer_address.h"
#include "loop/clock.h"
#include "programs/mandos/audit_fields.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

using wire::LogLevel;

namespace {

LogLevel level_of(const core::AuditRecord& record) {
    switch (record.event) {
    case core::AuditEvent::ClientAdded: // by a start there may be very many
        return record.actor == core::configuration_at_start ? LogLevel::Info : LogLevel::Notice;
    case core::AuditEvent::ServerStarted:
    case core::AuditEvent::ServerStopped:
    case core::AuditEvent::SecretReleased:
    case core::AuditEvent::SecretDelivered:
    case core::AuditEvent::Enabled:
    case core::AuditEvent::Approved:
    case core::AuditEvent::Denied:
    case core::AuditEvent::MarkedAlive:
    case core::AuditEvent::SettingsChanged:
    case core::AuditEvent::ClientRemoved:
    case core::AuditEvent::ConfigurationRead:
    case core::AuditEvent::LockdownEnded:
    case core::AuditEvent::StateImported:
        return LogLevel::Notice;
    case core::AuditEvent::SecretNotDelivered:
    case core::AuditEvent::Refused:
    case core::AuditEvent::Expired:
    case core::AuditEvent::Disabled:
    case core::AuditEvent::LockdownBegun:
        return LogLevel::Warning;
    }
    return LogLevel::Notice;
}

// Whether clients can make as many of them as they like.
bool needs_limit(const core::AuditRecord& record, std::optional<std::uint64_t> number) {
    switch (record.event) {
    case core::AuditEvent::SecretReleased:
    case core::AuditEvent::SecretDelivered:
    case core::AuditEvent::SecretNotDelivered:
        return true;
    case core::AuditEvent::Refused: // the core limits them, apart from what is refused since nothing is
                                    // stored
        return !number;
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
    case core::AuditEvent::ConfigurationRead:
    case core::AuditEvent::LockdownBegun:
    case core::AuditEvent::LockdownEnded:
    case core::AuditEvent::StateImported:
        return false;
    }
    return false;
}

std::string with_left_out(std::string line, std::size_t left_out) {
    return left_out == 0 ? std::move(line)
                         : fmt::format("{} ({} more of this kind since the last one)", line, left_out);
}

} // namespace

void AccessLog::connected(const core::PeerAddress& peer) {
    if (log_.shows(LogLevel::Debug))
        log_.write(LogLevel::Debug, fmt::format("{}: connected", peer.text()));
}

void AccessLog::let_go(const core::PeerAddress& peer) {
    if (log_.shows(LogLevel::Debug))
        log_.write(LogLevel::Debug, fmt::format("{}: let go", peer.text()));
}

void AccessLog::needs_approval(const core::AwaitApproval& wait) {
    if (!log_.shows(LogLevel::Notice))
        return;
    const auto left_out = allow("approval-needed " + wait.client);
    if (!left_out)
        return;
    log_.write(LogLevel::Notice,
               with_left_out(fmt::format("client {}: waits for approval for {} at {}, then it is {}",
                                         quoted(wait.client), format_duration(wait.delay), wait.peer.text(),
                                         wait.approved_by_default ? "approved" : "refused"),
                             *left_out),
               approval_fields(wait, *left_out));
}

void AccessLog::recorded(core::AuditRecord record, std::optional<std::uint64_t> number) {
    const LogLevel level = level_of(record);
    if (!log_.shows(level))
        return;
    if (needs_limit(record, number)) {
        const auto left_out = allow(fmt::format("{} {}", core::name_of(record.event), record.client));
        if (!left_out)
            return;
        record.left_out = *left_out;
    }
    // At INFO those that were left out have been shown.
    const std::string line =
        with_left_out(audit_line(record), log_.shows(LogLevel::Info) ? 0 : record.left_out);
    log::Log::Fields fields = audit_fields(record, number);
    if (record.event == core::AuditEvent::SecretReleased) // a line tells what came of it
        log_.write_to_journal(level, line, std::move(fields));
    else
        log_.write(level, line, std::move(fields));
}

void AccessLog::left_out(const core::AuditRecord& record) {
    if (log_.shows(LogLevel::Info))
        log_.write(LogLevel::Info, audit_line(record), audit_fields(record, std::nullopt));
}

std::optional<std::size_t> AccessLog::allow(const std::string& key) {
    return log_.shows(LogLevel::Info) ? 0 : limiter_.allow(key, loop::now());
}

} // namespace mandos::server
