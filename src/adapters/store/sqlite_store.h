// SqliteStore: state and audit log in one SQLite file, STATEDIR/state.db (docs/state-format.md). Invariant:
// what commit() returned success for survives a crash of the process and of the machine; what it failed for
// is not there at all. One process has it open for writing at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/store/load_clients.h"
#include "base/error.h"
#include "core/store.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::store {

class SqliteStore final : public core::Store {
  public:
    // Makes DIRECTORY/state.db where there is none. Fails closed, with what to do about it: a file that is
    // not a database, is damaged, of a newer version, readable by others or somebody else's, or that another
    // server has open; a directory that cannot be written.
    static Result<std::unique_ptr<SqliteStore>> open(const std::string& directory);
    ~SqliteStore() override;

    // True: nothing was ever stored.
    bool is_new() const;
    // A secret that is the same as that of its client in KNOWN is shared with it, so that most are in memory
    // once.
    Result<core::StoredState> load(const KnownSecrets& known = {});
    Result<void> commit(const core::Transaction& transaction) override;
    std::uint64_t audit_records() const override;

  private:
    struct Database;
    explicit SqliteStore(std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;
};

} // namespace mandos::store
