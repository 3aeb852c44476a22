// Unsaved: what the core has done that the store does not have yet, gathered until the turn's end and kept
// until the store has taken it. Used by Engine.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/actions.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/store.h"
#include "core/time.h"

namespace mandos::server {

class Unsaved {
  public:
    // What ACTION has to do with the store: of Save, Erase, RememberRemoved, SaveServer and Audit.
    void note(const core::Action& action);
    // True: something may wait (core::Urgency::Soon), and no transaction has it before hurry() is called.
    bool can_wait() const { return !waiting_.empty(); }
    void hurry();

    // True: a transaction would be empty.
    bool is_empty() const;
    // All of it; it points into CLIENTS.
    core::Transaction transaction(const core::Clients& clients, core::Now now) const;
    // The store did not take it. The records of it are not_stored() from now on; of more than
    // limits::unwritten_records the last are dropped.
    void not_stored();

  private:
    std::set<core::ClientId> settings_; // and lives
    std::set<core::ClientId> lives_;
    std::set<core::ClientId> waiting_; // lives that may wait
    std::vector<std::string> erased_;
    std::map<std::string, bool> removed_; // false: forgotten as such
    core::SaveServer server_;
    std::vector<core::AuditRecord> audit_;
};

// RECORD as it is when it cannot be stored: what was to be released is refused.
core::AuditRecord not_stored(core::AuditRecord record);

} // namespace mandos::server
