// Rows of the tables `settings` and `lives`: how a client's values are laid out in them, writing and reading
// in one place.
#pragma once

#include <string>
#include <string_view>

#include "adapters/store/sqlite.h"
#include "base/error.h"
#include "core/client.h"
#include "core/life.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::store {

enum class Layer { InForce, Configured };

constexpr std::string_view write_settings_sql =
    "INSERT OR REPLACE INTO settings VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view read_settings_sql = "SELECT * FROM settings ORDER BY client, layer";
constexpr std::string_view write_life_sql =
    "INSERT OR REPLACE INTO lives VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view read_lives_sql = "SELECT * FROM lives ORDER BY client";

Result<void> write_settings(Statement& statement, Layer layer, core::Origin origin,
                            const core::ClientSettings& settings);

struct SettingsRow {
    Layer layer = Layer::InForce;
    core::Origin origin = core::Origin::Configuration;
    core::ClientSettings settings;
};
// Invalid: a value that cannot be what it should be, with client and column.
Result<SettingsRow> read_settings(Statement& row);

Result<void> write_life(Statement& statement, const std::string& client, const core::Life& life,
                        core::Now saved);

struct LifeRow {
    std::string client;
    core::Life life;
    core::Now saved{};
};
Result<LifeRow> read_life(Statement& row);

} // namespace mandos::store
