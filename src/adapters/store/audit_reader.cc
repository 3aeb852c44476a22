#include "adapters/store/audit_reader.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/store/audit_hash.h"
#include "adapters/store/audit_rows.h"
#include "adapters/store/open.h"
#include "adapters/store/sqlite.h"
#include "base/bytes.h"
#include "base/error.h"

namespace mandos::store {

struct AuditReader::Database {
    Sqlite sqlite;
};

AuditReader::AuditReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}
AuditReader::~AuditReader() = default;

Result<std::unique_ptr<AuditReader>> AuditReader::open(const std::string& directory) {
    Sqlite sqlite = MANDOS_TRY(open_state_to_read(directory));
    return std::unique_ptr<AuditReader>(
        new AuditReader(std::make_unique<Database>(Database{.sqlite = std::move(sqlite)})));
}

Result<std::vector<AuditEntry>> AuditReader::entries(const AuditQuery& query) {
    Statement rows = MANDOS_TRY(database_->sqlite.prepare(
        fmt::format("SELECT {} FROM audit WHERE number > ?{}{} ORDER BY number {} LIMIT ?", audit_columns,
                    query.client ? " AND client = ?" : "", query.since ? " AND time >= ?" : "",
                    query.which == AuditQuery::Which::First ? "ASC" : "DESC")));
    rows.bind(static_cast<std::int64_t>(query.after));
    if (query.client)
        rows.bind(std::string_view(*query.client));
    if (query.since)
        rows.bind(*query.since);
    rows.bind(static_cast<std::int64_t>(query.at_most));
    std::vector<AuditEntry> entries;
    while (MANDOS_TRY(rows.next())) {
        AuditRow row = MANDOS_TRY(read_audit(rows));
        entries.push_back({.number = row.number, .record = std::move(row.record)});
    }
    if (query.which == AuditQuery::Which::Last)
        std::ranges::reverse(entries);
    return entries;
}

Result<AuditVerdict> AuditReader::verify() {
    Sqlite& sqlite = database_->sqlite;
    MANDOS_TRY(sqlite.execute("BEGIN")); // the records and their end as they are at one moment
    AuditVerdict verdict;
    AuditHash hash{};
    Statement rows =
        MANDOS_TRY(sqlite.prepare(fmt::format("SELECT {} FROM audit ORDER BY number", audit_columns)));
    const auto bad = [&verdict](std::uint64_t number, std::string why) {
        verdict.bad = number;
        verdict.why = std::move(why);
    };
    while (!verdict.bad && MANDOS_TRY(rows.next())) {
        const std::uint64_t number = verdict.records + 1;
        const Result<AuditRow> row = read_audit(rows);
        if (!row) {
            bad(number, row.error().text());
        } else if (row->number != number) {
            bad(number, fmt::format("it is missing; record {} follows", row->number));
        } else if (const AuditHash expected = audit_hash(hash, number, row->record);
                   !std::ranges::equal(expected, row->hash)) {
            bad(number, "it is not as it was written, or one before it was replaced");
        } else {
            hash = expected;
            ++verdict.records;
        }
    }
    if (!verdict.bad) {
        Statement end = MANDOS_TRY(sqlite.prepare("SELECT audit_records, audit_hash FROM server"));
        const bool has_end = MANDOS_TRY(end.next());
        const auto records = has_end ? static_cast<std::uint64_t>(end.integer()) : 0;
        const Bytes last = has_end ? end.blob() : Bytes(hash.size());
        if (records != verdict.records)
            bad(verdict.records + 1, fmt::format("it is missing: there were {} records", records));
        else if (!std::ranges::equal(last, hash))
            bad(verdict.records, "the log was written anew by somebody else");
    }
    MANDOS_TRY(sqlite.execute("COMMIT"));
    return verdict;
}

} // namespace mandos::store
