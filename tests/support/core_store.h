// MemoryStore: what a disk holds of a server's state; it can be broken and mended. Used by core_world.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "core/actions.h"
#include "core/audit.h"
#include "core/store.h"
#include "core/stored.h"

namespace mandos::support {

class MemoryStore final : public core::Store {
  public:
    struct Written {
        std::string name;
        core::Save::What what;
    };

    // Invalid: what no store could take. Exhausted: it is broken.
    Result<void> commit(const core::Transaction& transaction) override;
    std::uint64_t audit_records() const override { return all_records_; }
    // What was written of whom since the last call.
    std::vector<Written> written() { return std::exchange(written_, {}); }

    void break_down() { broken_ = true; }
    void mend() { broken_ = false; }
    bool is_broken() const { return broken_; }

    core::StoredState read(bool same_boot) const;
    const std::map<std::string, core::StoredClient>& clients() const { return clients_; }
    bool is_locked_down() const { return locked_down_; }
    bool stopped_cleanly() const { return stopped_cleanly_; }
    // How many records it has of that about the client.
    std::size_t records(core::AuditEvent event, const std::string& client) const;

  private:
    std::map<std::string, core::StoredClient> clients_;
    std::set<std::string> removed_;
    bool locked_down_ = false;
    bool stopped_cleanly_ = false;
    std::map<std::pair<core::AuditEvent, std::string>, std::size_t> records_;
    std::uint64_t all_records_ = 0;
    std::vector<Written> written_;
    bool broken_ = false;
};

} // namespace mandos::support
