// Rows of the table `audit`.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/store/audit_hash.h"
#include "adapters/store/sqlite.h"
#include "base/bytes.h"
#include "base/error.h"
#include "core/audit.h"

namespace mandos::store {

constexpr std::string_view write_audit_sql = "INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?)";
// What read_audit() reads, for a SELECT.
constexpr std::string_view audit_columns = "number, time, event, client, peer, cause, actor, left_out, hash";

Result<void> write_audit(Statement& statement, std::uint64_t number, const core::AuditRecord& record,
                         const AuditHash& hash);

struct AuditRow {
    std::uint64_t number = 0;
    core::AuditRecord record;
    Bytes hash;
};
// Invalid: an event that this version does not know, or a count that is none.
Result<AuditRow> read_audit(Statement& row);

} // namespace mandos::store
