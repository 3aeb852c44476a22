// AuditReader: the audit log as it lies in STATEDIR/state.db, read beside the server that writes it. Each
// record carries the SHA-256 of the one before, so that a changed, removed or reordered one is found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/audit.h"
#include "core/time.h"

namespace mandos::store {

struct AuditEntry {
    std::uint64_t number = 0; // 1, 2, 3 ... without gaps
    core::AuditRecord record;

    bool operator==(const AuditEntry&) const = default;
};

struct AuditQuery {
    std::optional<std::string> client; // records of this one alone
    std::optional<core::WallTime> since;
    std::uint64_t after = 0;                                              // numbers above this one
    std::size_t at_most = 1000;                                           // entries
    enum class Which : std::uint8_t { First, Last } which = Which::First; // of those, where there are more
};

struct AuditVerdict {
    std::uint64_t records = 0;        // which are as they were written
    std::optional<std::uint64_t> bad; // the first record that is not
    std::string why;                  // what is wrong with it
};

class AuditReader {
  public:
    static Result<std::unique_ptr<AuditReader>> open(const std::string& directory);
    ~AuditReader();

    // In the order of their numbers.
    Result<std::vector<AuditEntry>> entries(const AuditQuery& query);
    // Reads all of it, which takes a second for a million.
    Result<AuditVerdict> verify();

  private:
    struct Database;
    explicit AuditReader(std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;
};

} // namespace mandos::store
