#include "adapters/store/sqlite_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "adapters/store/audit_hash.h"
#include "adapters/store/audit_rows.h"
#include "adapters/store/load_clients.h"
#include "adapters/store/open.h"
#include "adapters/store/rows.h"
#include "adapters/store/sqlite.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/store.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::store {

namespace {

// Changes with each start of the machine; the boot-time clock begins anew then (proc(5)).
Result<std::string> boot_id() {
    constexpr std::size_t longest = 64;
    const Bytes id = MANDOS_TRY(read_file("/proc/sys/kernel/random/boot_id", longest));
    std::string_view text = as_text(id);
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    return std::string(text);
}

// The row of the table `server`.
struct ServerRow {
    bool locked_down = false;
    bool stopped_cleanly = true; // a server that never ran was not killed
    std::string boot_id;
    std::uint64_t audit_records = 0;
    AuditHash audit_hash{};
};

} // namespace

struct SqliteStore::Database {
    Database(UniqueFd held_lock, Sqlite opened, bool made_now, std::string boot_id_of_today)
        : lock(std::move(held_lock)),
          sqlite(std::move(opened)),
          is_new(made_now),
          boot_id(std::move(boot_id_of_today)) {}

    UniqueFd lock;
    Sqlite sqlite;
    bool is_new;
    std::string boot_id; // of today
    std::string directory;
    ServerRow server; // as it is stored

    // Always set: prepare() is part of opening.
    Statement begin;
    Statement commit;
    Statement roll_back;
    Statement write_settings;
    Statement write_life;
    Statement erase_settings;
    Statement erase_life;
    Statement remember_removed;
    Statement forget_removed;
    Statement write_audit;
    Statement write_server;

    Result<void> prepare();
    Result<void> check();
    Result<core::StoredState> load(const KnownSecrets& known);
    Result<void> write(const core::Transaction& transaction, ServerRow& now);
    Result<void> write_server_row(const ServerRow& row);
    Result<void> read_server_row();
    Result<void> check_audit_end();
};

SqliteStore::SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqliteStore::~SqliteStore() = default;

bool SqliteStore::is_new() const {
    return database_->is_new;
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& directory) {
    UniqueFd lock = MANDOS_TRY(lock_directory(directory));
    Opened opened = MANDOS_TRY(open_state(directory));
    auto database = std::make_unique<Database>(std::move(lock), std::move(opened.database), opened.is_new,
                                               MANDOS_TRY(mandos::store::boot_id()));
    MANDOS_TRY(database->prepare());
    Result<void> checked = database->check();
    if (!checked)
        return std::unexpected(about_state(directory, std::move(checked).error()));
    database->directory = directory;
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

Result<void> SqliteStore::Database::prepare() {
    begin = MANDOS_TRY(sqlite.prepare("BEGIN IMMEDIATE"));
    commit = MANDOS_TRY(sqlite.prepare("COMMIT"));
    roll_back = MANDOS_TRY(sqlite.prepare("ROLLBACK"));
    write_settings = MANDOS_TRY(sqlite.prepare(write_settings_sql));
    write_life = MANDOS_TRY(sqlite.prepare(write_life_sql));
    erase_settings = MANDOS_TRY(sqlite.prepare("DELETE FROM settings WHERE client = ?"));
    erase_life = MANDOS_TRY(sqlite.prepare("DELETE FROM lives WHERE client = ?"));
    remember_removed = MANDOS_TRY(sqlite.prepare("INSERT OR IGNORE INTO removed VALUES (?)"));
    forget_removed = MANDOS_TRY(sqlite.prepare("DELETE FROM removed WHERE client = ?"));
    write_audit = MANDOS_TRY(sqlite.prepare(write_audit_sql));
    write_server = MANDOS_TRY(sqlite.prepare("INSERT OR REPLACE INTO server VALUES (1,?,?,?,?,?)"));
    return {};
}

Result<void> SqliteStore::Database::check() {
    MANDOS_TRY(read_server_row());
    return check_audit_end();
}

Result<void> SqliteStore::Database::read_server_row() {
    Statement row = MANDOS_TRY(sqlite.prepare(
        "SELECT locked_down, stopped_cleanly, boot_id, audit_records, audit_hash FROM server"));
    if (!MANDOS_TRY(row.next())) {
        if (!is_new && MANDOS_TRY(sqlite.ask("SELECT count(*) FROM lives")) != "0")
            return fail(ErrorKind::Invalid,
                        "it is damaged: there are clients, but no row in the table server");
        is_new = true; // it was made, and the server ended before anything was stored
        return {};
    }
    server.locked_down = row.integer() != 0;
    server.stopped_cleanly = row.integer() != 0;
    server.boot_id = row.text();
    server.audit_records = static_cast<std::uint64_t>(row.integer());
    const Bytes hash = row.blob();
    if (hash.size() != server.audit_hash.size())
        return fail(ErrorKind::Invalid, "it is damaged: audit_hash has {} bytes", hash.size());
    std::ranges::copy(hash, server.audit_hash.begin());
    return {};
}

// That the log ends where it should; the whole of it is `mandos-ctl log --verify`'s.
Result<void> SqliteStore::Database::check_audit_end() {
    const std::string last = MANDOS_TRY(sqlite.ask("SELECT coalesce(max(number), 0) FROM audit"));
    if (last != std::to_string(server.audit_records))
        return fail(ErrorKind::Invalid,
                    "the audit log ends with record {}, and should with {}: somebody has changed the file",
                    last, server.audit_records);
    return {};
}

Result<core::StoredState> SqliteStore::load(const KnownSecrets& known) {
    Result<core::StoredState> state = database_->load(known);
    if (state)
        return state;
    return std::unexpected(about_state(database_->directory, std::move(state).error()));
}

Result<core::StoredState> SqliteStore::Database::load(const KnownSecrets& known) {
    core::StoredState state;
    state.locked_down = server.locked_down;
    state.stopped_cleanly = server.stopped_cleanly;
    state.first_start = is_new;
    state.same_boot = server.boot_id == boot_id;

    state.clients = MANDOS_TRY(load_clients(sqlite, known));
    Statement removed = MANDOS_TRY(sqlite.prepare("SELECT client FROM removed"));
    while (MANDOS_TRY(removed.next()))
        state.removed.push_back(removed.text());
    return state;
}

Result<void> SqliteStore::commit(const core::Transaction& transaction) {
    Database& database = *database_;
    ServerRow now = database.server;
    now.boot_id = database.boot_id;
    MANDOS_TRY_IN("the state cannot be written", database.begin.run());
    Result<void> written = database.write(transaction, now);
    if (written)
        written = database.commit.run();
    if (!written) {
        if (database.sqlite.in_transaction())
            (void)database.roll_back.run(); // SQLite has done so itself where this fails
        return std::unexpected(std::move(written).error().context("the state cannot be written"));
    }
    database.server = now;
    return {};
}

std::uint64_t SqliteStore::audit_records() const {
    return database_->server.audit_records;
}

Result<void> SqliteStore::Database::write(const core::Transaction& transaction, ServerRow& now) {
    for (const std::string& name : transaction.erased) {
        MANDOS_TRY(erase_settings.bind(std::string_view(name)).run());
        MANDOS_TRY(erase_life.bind(std::string_view(name)).run());
    }
    for (const std::string& name : transaction.removed)
        MANDOS_TRY(remember_removed.bind(std::string_view(name)).run());
    for (const std::string& name : transaction.forgotten)
        MANDOS_TRY(forget_removed.bind(std::string_view(name)).run());
    for (const core::Client* client : transaction.settings) {
        MANDOS_TRY(store::write_settings(write_settings, Layer::InForce, client->origin, client->settings));
        MANDOS_TRY(
            store::write_settings(write_settings, Layer::Configured, client->origin, client->configured));
    }
    for (const core::Client* client : transaction.lives)
        MANDOS_TRY(store::write_life(write_life, client->settings.name, client->life, transaction.now));
    for (const core::AuditRecord& record : transaction.audit) {
        now.audit_hash = audit_hash(now.audit_hash, ++now.audit_records, record);
        MANDOS_TRY(store::write_audit(write_audit, now.audit_records, record, now.audit_hash));
    }
    now.locked_down = transaction.locked_down.value_or(now.locked_down);
    now.stopped_cleanly = transaction.stopped_cleanly.value_or(now.stopped_cleanly);
    return write_server_row(now);
}

Result<void> SqliteStore::Database::write_server_row(const ServerRow& row) {
    return write_server.bind(std::int64_t{row.locked_down})
        .bind(std::int64_t{row.stopped_cleanly})
        .bind(std::string_view(row.boot_id))
        .bind(static_cast<std::int64_t>(row.audit_records))
        .bind(ByteView(row.audit_hash))
        .run();
}

} // namespace mandos::store
