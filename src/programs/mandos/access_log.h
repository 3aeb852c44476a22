// AccessLog: what the administrator reads of each connection: who, when and why. Each one at level INFO; at
// the default level the first of a minute from each source (or of each client), with the number of those left
// out, so that nobody can fill the disk.
#pragma once

#include <string>

#include "adapters/log/log.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/log_limiter.h"
#include "core/peer_address.h"
#include "programs/mandos/connection.h"

namespace mandos::server {

class AccessLog {
  public:
    explicit AccessLog(log::Log& log) : log_(log) {}

    void connected(const core::PeerAddress& peer);
    void needs_approval(const core::PeerAddress& peer, const core::AwaitApproval& wait);
    void ended(const core::PeerAddress& peer, const Result<Served>& outcome);
    void refused(const core::PeerAddress& peer, const Error& reason);
    // What connections have nothing to do with: lives, settings, acts of administrators.
    void recorded(const core::AuditRecord& record);

  private:
    // LINE at INFO, or, if INFO is not shown, at LEVEL within the limit for KEY.
    void write(wire::LogLevel level, core::LogLimiter& limiter, const std::string& key,
               const std::string& line);

    log::Log& log_;
    core::LogLimiter refusals_by_source_;
    core::LogLimiter lines_by_client_;
};

} // namespace mandos::server
