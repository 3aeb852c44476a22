// AccessLog: what the administrator reads: who got a secret or did not, when, why, and who said so. It is
// made of the audit records, as they become durable; what the records left out is there at level INFO. At the
// default level the first of a minute from each source (or of each client), with the number of those left
// out, so that nobody can fill the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/log/log.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/log_limiter.h"
#include "core/peer_address.h"

namespace mandos::server {

class AccessLog {
  public:
    explicit AccessLog(log::Log& log) : log_(log) {}

    // At level DEBUG.
    void connected(const core::PeerAddress& peer);
    void let_go(const core::PeerAddress& peer);
    void needs_approval(const core::AwaitApproval& wait);
    // NUMBER is the record's in the audit log; nothing: it could not be stored, or not yet.
    void recorded(core::AuditRecord record, std::optional<std::uint64_t> number);
    void left_out(const core::AuditRecord& record);

  private:
    // How many lines of KEY's were left out since its last one; nothing: this one is to be. At INFO none is.
    std::optional<std::size_t> allow(const std::string& key);

    log::Log& log_;
    core::LogLimiter limiter_;
};

} // namespace mandos::server
