#include "adapters/store/audit_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/store/audit_hash.h"
#include "adapters/store/sqlite.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/audit.h"

namespace mandos::store {

Result<void> write_audit(Statement& statement, std::uint64_t number, const core::AuditRecord& record,
                         const AuditHash& hash) {
    statement.bind(static_cast<std::int64_t>(number))
        .bind(record.time)
        .bind(core::name_of(record.event))
        .bind(std::string_view(record.client))
        .bind(std::string_view(record.peer))
        .bind(std::string_view(record.cause))
        .bind(std::string_view(record.actor))
        .bind(static_cast<std::int64_t>(record.left_out))
        .bind(ByteView(hash));
    return statement.run();
}

Result<AuditRow> read_audit(Statement& row) {
    AuditRow read;
    read.number = static_cast<std::uint64_t>(row.integer());
    read.record.time = row.time();
    const std::string event = row.text();
    const auto* const known = std::ranges::find(core::audit_event_names, event);
    if (known == core::audit_event_names.end())
        return fail(ErrorKind::Invalid, "audit record {}: {} is no event that this version knows",
                    read.number, quoted(event));
    read.record.event = static_cast<core::AuditEvent>(known - core::audit_event_names.begin());
    read.record.client = row.text();
    read.record.peer = row.text();
    read.record.cause = row.text();
    read.record.actor = row.text();
    read.record.left_out = static_cast<std::size_t>(row.integer());
    read.hash = row.blob();
    return read;
}

} // namespace mandos::store
