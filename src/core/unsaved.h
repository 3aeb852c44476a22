// Unsaved: what of the core's actions is not durable yet. One transaction takes all of it; what a store did
// not take is kept, and offered again with what comes next. Invariant: a record that says that a secret was
// released is only ever offered once, since the secret is not released where the store does not take it. Used
// by programs/mandos/engine, which has the store.
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

namespace mandos::core {

class Unsaved {
  public:
    // What ACTION has to do with the store.
    void note(const Action& action);

    // Nothing would be different if the transaction were left out.
    bool is_empty() const;
    // Of clients as they are among CLIENTS now, to whom the transaction refers; those who are gone are left
    // out.
    Transaction transaction(const Clients& clients, Now now) const;
    // The store took the last transaction.
    void taken();
    // It did not: nothing was released. The records of it are not_stored() from now on; of more than
    // limits::unwritten_records the last are dropped.
    void not_taken();

    // What can wait a little does so until it is due.
    bool has_some_for_soon() const { return !soon_.empty(); }
    void soon_is_now();

  private:
    std::set<ClientId> settings_;
    std::set<ClientId> lives_;
    std::set<ClientId> soon_;
    std::vector<std::string> erased_;
    std::map<std::string, bool> removed_;
    SaveServer server_;
    std::vector<AuditRecord> audit_;
};

// RECORD as it is when it cannot be stored: what was to be released is refused.
AuditRecord not_stored(AuditRecord record);

} // namespace mandos::core
