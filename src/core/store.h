// Store: where state and audit records are kept. A transaction is durable as a whole or not at all, and what
// it holds is not acted on before it is durable. Implemented by adapters/store on SQLite; used by
// programs/mandos/engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/time.h"

namespace mandos::core {

struct Transaction {
    Now now;
    std::vector<const Client*> settings; // settings and life
    std::vector<const Client*> lives;    // life alone, of clients whose settings are stored already
    std::vector<std::string> erased;     // clients that are no more
    std::vector<std::string> removed;    // to be remembered as such
    std::vector<std::string> forgotten;  // no longer remembered as removed
    std::optional<bool> locked_down;
    std::optional<bool> stopped_cleanly;
    std::vector<AuditRecord> audit;
};

class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    // An error: it is not durable, and must not be acted on. Should the process be killed now, it may be
    // there afterwards all the same, as a whole.
    virtual Result<void> commit(const Transaction& transaction) = 0;
    // How many audit records there are, which is the number of the last one.
    virtual std::uint64_t audit_records() const = 0;
};

} // namespace mandos::core
