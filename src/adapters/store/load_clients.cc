#include "adapters/store/load_clients.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "adapters/store/rows.h"
#include "adapters/store/sqlite.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "core/client.h"
#include "core/stored.h"

namespace mandos::store {

namespace {

const std::string& name_of(const core::StoredClient& client) {
    return client.settings.name.empty() ? client.configured.name : client.settings.name;
}

// Most clients have one secret, here and wherever else: it is kept once.
void share_secret(core::ClientSettings& settings, const core::StoredClient& client,
                  const KnownSecrets& known) {
    const auto found = known.find(settings.name);
    for (const core::Secret& other :
         {found == known.end() ? nullptr : found->second, client.settings.secret, client.configured.secret})
        if (other && *other == *settings.secret) {
            settings.secret = other;
            return;
        }
}

// Both rows of each client come one behind the other.
Result<std::vector<core::StoredClient>> load_settings(Sqlite& database, const KnownSecrets& known) {
    std::vector<core::StoredClient> clients;
    const std::string count = MANDOS_TRY(database.ask("SELECT count(*) FROM lives"));
    clients.reserve(parse_number<std::size_t>(count).value_or(0));
    Statement row = MANDOS_TRY(database.prepare(read_settings_sql));
    while (MANDOS_TRY(row.next())) {
        SettingsRow read = MANDOS_TRY(read_settings(row));
        if (clients.empty() || name_of(clients.back()) != read.settings.name)
            clients.emplace_back();
        core::StoredClient& client = clients.back();
        client.origin = read.origin;
        share_secret(read.settings, client, known);
        (read.layer == Layer::Configured ? client.configured : client.settings) = std::move(read.settings);
    }
    for (const core::StoredClient& client : clients)
        if (client.settings.name.empty() || client.configured.name.empty())
            return fail(ErrorKind::Invalid, "client {} lacks one of its two rows of settings",
                        quoted(name_of(client)));
    return clients;
}

// Into CLIENTS, which are in the same order.
Result<void> load_lives(Sqlite& database, std::vector<core::StoredClient>& clients) {
    auto client = clients.begin();
    Statement row = MANDOS_TRY(database.prepare(read_lives_sql));
    while (MANDOS_TRY(row.next())) {
        const LifeRow read = MANDOS_TRY(read_life(row));
        if (client == clients.end() || client->settings.name > read.client)
            return fail(ErrorKind::Invalid, "client {} has a life and no settings", quoted(read.client));
        if (client->settings.name < read.client)
            break;
        client->life = read.life;
        client->saved = read.saved;
        ++client;
    }
    if (client != clients.end())
        return fail(ErrorKind::Invalid, "client {} has settings and no life", quoted(client->settings.name));
    return {};
}

} // namespace

Result<std::vector<core::StoredClient>> load_clients(Sqlite& database, const KnownSecrets& known) {
    std::vector<core::StoredClient> clients = MANDOS_TRY(load_settings(database, known));
    MANDOS_TRY(load_lives(database, clients));
    return clients;
}

} // namespace mandos::store
