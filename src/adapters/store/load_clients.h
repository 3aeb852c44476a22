// The clients in the tables `settings` and `lives`, put together. Read by SqliteStore alone.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "core/client.h"
#include "core/stored.h"

namespace mandos::store {

// What somebody has in memory already, by the names of the clients, which it outlives.
using KnownSecrets = std::unordered_map<std::string_view, core::Secret>;

class Sqlite;

// In the order of their names, bytewise; with the secrets of KNOWN where they are the same. Invalid: rows
// that cannot be, or one without those that belong to it.
Result<std::vector<core::StoredClient>> load_clients(Sqlite& database, const KnownSecrets& known);

} // namespace mandos::store
