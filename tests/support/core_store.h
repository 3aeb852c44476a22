// MemoryStore: what a disk holds of a server's state. Takes what one event comes to as one transaction; what
// may be saved soon waits until somebody flushes it, and is lost with a crash. Used by core_world.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/actions.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::support {

class MemoryStore {
  public:
    struct Written {
        std::string name;
        core::Save::What what;
    };

    // Makes durable what ACTIONS say of CLIENTS, who are as they are behind the event. SAVED has what was
    // written of whom. Returns what cannot be stored, or nothing.
    std::optional<std::string> commit(const core::Actions& actions, const core::Clients& clients,
                                      core::Now now, std::vector<Written>& saved);
    // Writes what may wait.
    std::optional<std::string> flush(const core::Clients& clients, core::Now now,
                                     std::vector<Written>& saved);
    // The machine or the server goes down: what was not written is lost.
    void crash() { soon_.clear(); }

    core::StoredState read(bool same_boot) const;
    bool stopped_cleanly() const { return stopped_cleanly_; }
    std::size_t records() const { return records_; }

  private:
    std::optional<std::string> write(const core::Save& save, const core::Clients& clients, core::Now now,
                                     std::vector<Written>& saved);

    std::map<std::string, core::StoredClient> clients_;
    std::set<std::string> removed_;
    std::map<core::ClientId, core::Save::What> soon_;
    bool locked_down_ = false;
    bool stopped_cleanly_ = false;
    std::size_t records_ = 0;
};

} // namespace mandos::support
