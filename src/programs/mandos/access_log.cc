#include "programs/mandos/access_log.h"

#include <optional>
#include <string>

#include <fmt/core.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/log_limiter.h"
#include "core/peer_address.h"
#include "loop/clock.h"
#include "programs/mandos/connection.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

using wire::LogLevel;

void AccessLog::connected(const core::PeerAddress& peer) {
    if (log_.shows(LogLevel::Debug))
        log_.write(LogLevel::Debug, fmt::format("{}: connected", peer.text()));
}

void AccessLog::needs_approval(const core::PeerAddress& peer, const core::AwaitApproval& wait) {
    write(LogLevel::Notice, lines_by_client_, "approval of " + wait.client,
          fmt::format("client {}: waits for approval for {} at {}, then it is {}", quoted(wait.client),
                      format_duration(wait.delay), peer.text(),
                      wait.approved_by_default ? "approved" : "refused"));
}

void AccessLog::ended(const core::PeerAddress& peer, const Result<Served>& outcome) {
    if (!outcome) {
        refused(peer, outcome.error());
        return;
    }
    const std::string client = quoted(outcome->client);
    if (outcome->undelivered)
        write(LogLevel::Warning, lines_by_client_, "failure of " + outcome->client,
              fmt::format("client {}: the secret was released to {}, but could not be delivered: {}", client,
                          peer.text(), outcome->undelivered->text()));
    else
        write(LogLevel::Notice, lines_by_client_, outcome->client,
              fmt::format("client {}: secret sent to {}", client, peer.text()));
}

void AccessLog::refused(const core::PeerAddress& peer, const Error& reason) {
    write(LogLevel::Warning, refusals_by_source_, peer.host(),
          fmt::format("{}: refused: {}", peer.text(), reason.text()));
}

namespace {

// Nothing: connections have told it already, or nobody needs to be told.
std::optional<LogLevel> level_of(core::AuditEvent event) {
    switch (event) {
    case core::AuditEvent::SecretReleased:
    case core::AuditEvent::SecretDelivered:
    case core::AuditEvent::SecretNotDelivered:
    case core::AuditEvent::Refused:
        return std::nullopt;
    case core::AuditEvent::ServerStarted:
    case core::AuditEvent::ServerStopped:
    case core::AuditEvent::ClientAdded: // each of them at the first start
    case core::AuditEvent::ConfigurationRead:
        return LogLevel::Info;
    case core::AuditEvent::Enabled:
    case core::AuditEvent::Approved:
    case core::AuditEvent::Denied:
    case core::AuditEvent::MarkedAlive:
    case core::AuditEvent::SettingsChanged:
    case core::AuditEvent::ClientRemoved:
    case core::AuditEvent::LockdownEnded:
    case core::AuditEvent::StateImported:
        return LogLevel::Notice;
    case core::AuditEvent::Expired:
    case core::AuditEvent::Disabled:
    case core::AuditEvent::LockdownBegun:
        return LogLevel::Warning;
    }
    return LogLevel::Notice;
}

} // namespace

void AccessLog::recorded(const core::AuditRecord& record) {
    const auto level = level_of(record.event);
    if (!level || !log_.shows(*level))
        return;
    std::string line;
    if (!record.client.empty())
        line += fmt::format("client {}: ", quoted(record.client));
    line += core::name_of(record.event);
    if (!record.cause.empty())
        line += fmt::format(" ({})", record.cause);
    if (!record.actor.empty())
        line += fmt::format(", by {}", record.actor);
    log_.write(*level, line);
}

void AccessLog::write(LogLevel level, core::LogLimiter& limiter, const std::string& key,
                      const std::string& line) {
    if (log_.shows(LogLevel::Info)) {
        log_.write(LogLevel::Info, line);
        return;
    }
    if (!log_.shows(level))
        return;
    const auto left_out = limiter.allow(key, loop::now());
    if (!left_out)
        return;
    log_.write(level, *left_out == 0 ? line
                                     : fmt::format("{} ({} more lines of this kind since the last one)", line,
                                                   *left_out));
}

} // namespace mandos::server
