// LogQueries: the log as it lies in the state directory.
#include <string>
#include <vector>

#include "adapters/store/audit_reader.h"
#include "base/error.h"
#include "programs/mandos/log_queries.h"

namespace mandos::server {

LogAccess log_in(const std::string& directory) {
    return {.entries = [directory](const store::AuditQuery& query) -> Result<std::vector<store::AuditEntry>> {
                const auto reader = MANDOS_TRY(store::AuditReader::open(directory));
                return reader->entries(query);
            },
            .verify = [directory]() -> Result<store::AuditVerdict> {
                const auto reader = MANDOS_TRY(store::AuditReader::open(directory));
                return reader->verify();
            }};
}

} // namespace mandos::server
