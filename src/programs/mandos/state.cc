#include "programs/mandos/state.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/log/log.h"
#include "adapters/privilege/user.h"
#include "adapters/service/service.h"
#include "adapters/store/load_clients.h"
#include "adapters/store/sqlite_store.h"
#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/life.h"
#include "core/store.h"
#include "core/stored.h"
#include "core/time.h"
#include "loop/clock.h"
#include "programs/mandos/import_state.h"
#include "programs/mandos/recover_secrets.h"
#include "programs/mandos/settings.h"
#include "wire/clients_pickle.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

Result<void> make_state_directory(const std::string& directory, const privilege::User& user) {
    if (geteuid() != 0)
        return {};
    if (mkdir(directory.c_str(), S_IRWXU) != 0) {
        if (errno == EEXIST)
            return {};
        return fail_errno(errno, "the state directory {} cannot be made", quoted(directory));
    }
    if (chown(directory.c_str(), user.uid, user.gid) != 0)
        return fail_errno(errno, "the state directory {} cannot be given to user {}", quoted(directory),
                          user.uid);
    return sync_directory(directory_of(directory)); // what is in it is only as durable as it is
}

namespace {

void take_over(const wire::ImportedValues& values, core::ClientSettings& settings) {
    settings.key_id = values.key_id;
    settings.fingerprint = values.fingerprint;
    settings.host = values.host;
    settings.checker = values.checker_command;
    settings.timeout = values.timeout;
    settings.extended_timeout = values.extended_timeout;
    settings.interval = values.interval;
    settings.approval_delay = values.approval_delay;
    settings.approval_duration = values.approval_duration;
    settings.approved_by_default = values.approved_by_default;
    settings.enabled = values.enabled;
}

struct Secrets {
    core::Secret configured; // empty where the client is no longer, and will be dropped in a moment
    core::Secret in_force;
};

// Of each client of STATE.
std::vector<Secrets> secrets_of(const wire::ImportedState& state,
                                const std::vector<core::ClientSettings>& configured,
                                service::Manager& manager, log::Log& log) {
    std::unordered_map<std::string_view, const core::ClientSettings*> by_name;
    for (const core::ClientSettings& one : configured)
        by_name.emplace(one.name, &one);
    std::vector<Secrets> secrets;
    std::vector<SealedSecret> sealed;
    std::vector<std::size_t> whose; // the index of each sealed one's client
    for (const wire::ImportedClient& one : state.clients) {
        const auto place = by_name.find(one.name);
        const core::Secret secret = place == by_name.end() ? nullptr : place->second->secret;
        if (secret && !one.encrypted_secret.empty()) {
            sealed.push_back({.encrypted = one.encrypted_secret, .configured = *secret});
            whose.push_back(secrets.size());
        }
        const core::Secret known = secret ? secret : core::make_secret({});
        secrets.push_back({.configured = known, .in_force = known});
    }
    log.write(wire::LogLevel::Notice,
              fmt::format(
                  "taking over the state of {} clients from Mandos 1.8; to decrypt {} secrets takes about {}",
                  state.clients.size(), sealed.size(), format_duration(time_to_recover(sealed.size()))));
    std::vector<Result<Bytes>> recovered = recover_secrets(sealed, [&](std::size_t done) {
        constexpr auto patience = std::chrono::seconds(60); // it is told again every second
        manager.still_starting(patience, fmt::format("taking over the state of Mandos 1.8: {} of {} secrets",
                                                     done, sealed.size()));
    });
    for (std::size_t i = 0; i < sealed.size(); ++i)
        if (Result<Bytes>& secret = recovered[i];
            secret && !std::ranges::equal(*secret, sealed[i].configured))
            secrets[whose[i]].in_force = core::make_secret(std::move(*secret));
    return secrets;
}

// CLIENT as this server stores it.
core::Client imported(const wire::ImportedClient& client, const wire::ImportedValues& configured,
                      const Secrets& secrets, core::Now now) {
    core::Client made;
    made.settings.name = made.configured.name = client.name;
    take_over(client.values, made.settings);
    take_over(configured, made.configured);
    made.settings.secret = secrets.in_force;
    made.configured.secret = secrets.configured;
    core::Life& life = made.life;
    life.enabled = client.values.enabled;
    const core::WallTime expires = client.expires.value_or(now.wall); // one without is over now
    life.expires = {.boot = now.boot + (expires - now.wall), .wall = expires};
    life.created = client.created;
    life.last_enabled = client.last_enabled;
    life.last_checked_ok = client.last_checked_ok;
    life.last_approval_request = client.last_approval_request;
    const std::int64_t status = client.last_checker_status.value_or(core::no_check_yet);
    life.last_checker_status = std::in_range<std::uint8_t>(status) || status == core::no_check_yet
                                   ? static_cast<int>(status)
                                   : core::check_crashed;
    return made;
}

// Takes over STATEDIR/clients.pickle, all of it in one transaction.
Result<void> import_state(const std::string& directory, const std::vector<core::ClientSettings>& configured,
                          core::Store& store, service::Manager& manager, log::Log& log) {
    const std::optional<wire::ImportedState> found = MANDOS_TRY(read_clients_pickle(directory));
    if (!found)
        return {};
    const std::vector<Secrets> secrets = secrets_of(*found, configured, manager, log);
    std::unordered_map<std::string_view, const wire::ImportedValues*> said;
    const core::Now now = loop::moment();
    core::Transaction transaction{.now = now, .stopped_cleanly = true}; // 1.8 stores at clean stops alone
    for (const wire::ImportedSettings& one : found->settings) {
        said.emplace(one.name, &one.values);
        if (one.removed)
            transaction.removed.push_back(one.name);
    }
    std::vector<core::Client> clients;
    clients.reserve(found->clients.size());
    for (std::size_t i = 0; i < found->clients.size(); ++i) {
        const wire::ImportedClient& one = found->clients[i];
        clients.push_back(imported(one, *said.at(one.name), secrets[i], now));
    }
    for (const core::Client& client : clients) {
        transaction.settings.push_back(&client);
        transaction.lives.push_back(&client);
    }
    transaction.audit.push_back({.time = now.wall,
                                 .event = core::AuditEvent::StateImported,
                                 .cause = fmt::format("{} clients, {} removed ones, from clients.pickle",
                                                      clients.size(), transaction.removed.size())});
    MANDOS_TRY(store.commit(transaction));
    // So that it is never taken for news again, and is there for whoever wants to go back.
    const std::string path = directory + "/clients.pickle";
    if (std::rename(path.c_str(), (path + ".imported").c_str()) != 0)
        log.write(wire::LogLevel::Warning,
                  fmt::format("{} could not be renamed: {}", path, errno_text(errno)));
    return {};
}

} // namespace

Result<OpenedState> open_state(const Settings& settings, const std::vector<core::ClientSettings>& configured,
                               service::Manager& manager, log::Log& log) {
    OpenedState state{.store = MANDOS_TRY(store::SqliteStore::open(settings.state_directory)), .stored = {}};
    if (state.store->is_new() && settings.restore)
        MANDOS_TRY(import_state(settings.state_directory, configured, *state.store, manager, log));
    store::KnownSecrets secrets;
    secrets.reserve(configured.size());
    for (const core::ClientSettings& one : configured)
        if (one.secret)
            secrets.emplace(one.name, one.secret);
    core::StoredState stored = MANDOS_TRY(state.store->load(secrets));
    if (settings.restore) {
        state.stored = std::move(stored);
        return state;
    }
    core::Transaction forget{
        .now = loop::moment(), .forgotten = std::move(stored.removed), .locked_down = false};
    for (const core::StoredClient& client : stored.clients)
        forget.erased.push_back(client.settings.name);
    MANDOS_TRY(state.store->commit(forget));
    state.stored.stopped_cleanly = stored.stopped_cleanly;
    state.stored.first_start = stored.first_start;
    return state;
}

} // namespace mandos::server
