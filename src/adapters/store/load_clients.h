// The clients in the tables `settings` and `lives`, put together. Used by SqliteStore alone.
#pragma once

#include <vector>

#include "adapters/store/sqlite.h"
#include "base/error.h"
#include "core/stored.h"

namespace mandos::store {

// In the order of their names, bytewise. Invalid: rows that cannot be, or one without those that belong to it.
Result<std::vector<core::StoredClient>> load_clients(Sqlite& database);

} // namespace mandos::store
