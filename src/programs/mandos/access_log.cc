#include "programs/mandos/access_log.h"

#include <string>

#include <fmt/core.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/log_limiter.h"
#include "core/peer_address.h"
#include "core/server.h"
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
