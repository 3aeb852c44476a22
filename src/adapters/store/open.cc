#include "adapters/store/open.h"

#include <cerrno>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/store/schema.h"
#include "adapters/store/sqlite.h"
#include "base/error.h"
#include "base/file.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/unique_fd.h"

namespace mandos::store {

namespace {

constexpr mode_t writable_by_others = 022;
constexpr mode_t open_to_others = 077;

// What is there must be this user's alone: who can write it can enable clients.
Result<void> check_rights(const struct stat& status, const std::string& what, mode_t refused,
                          mode_t expected) {
    if (status.st_uid != geteuid())
        return fail(ErrorKind::Denied, "{} belongs to user {}, and the server is user {}; do chown {} {}",
                    what, status.st_uid, geteuid(), geteuid(), what);
    if ((status.st_mode & refused) != 0)
        return fail(ErrorKind::Denied, "{} has mode {:04o}, so that others can get at it; do chmod {:o} {}",
                    what, status.st_mode & 07777U, expected, what);
    return {};
}

Result<void> check_file(const std::string& path) {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT)
            return {};
        return fail_errno(errno, "cannot look at {}", path);
    }
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::Invalid, "{} is no regular file", path);
    return check_rights(status, path, open_to_others, S_IRUSR | S_IWUSR);
}

Result<int> number(Sqlite& database, const std::string& sql) {
    const std::string text = MANDOS_TRY(database.ask(sql));
    return parse_number<int>(text).value_or(0);
}

Result<void> check_version(Sqlite& database) {
    const int id = MANDOS_TRY(number(database, "PRAGMA application_id"));
    const int version = MANDOS_TRY(number(database, "PRAGMA user_version"));
    if (id != application_id)
        return fail(ErrorKind::Invalid, "it is a database, but not one of Mandos (application_id {})", id);
    if (version > schema_version)
        return fail(
            ErrorKind::Unsupported,
            "it is of version {}, written by a newer Mandos; this one reads up to version {}. Install the "
            "newer one again",
            version, schema_version);
    return {};
}

Result<void> check_integrity(Sqlite& database) {
    const std::string verdict = MANDOS_TRY(database.ask("PRAGMA quick_check(1)"));
    if (verdict != "ok")
        return fail(ErrorKind::Invalid, "it is damaged: {}", verdict);
    return {};
}

// Secrets that were replaced are overwritten; what commit() returned success for is on the disk.
Result<void> configure(Sqlite& database) {
    const std::string journal = MANDOS_TRY(database.ask("PRAGMA journal_mode = WAL"));
    if (journal != "wal")
        return fail(ErrorKind::System, "its file system cannot do write-ahead logging (journal_mode is {})",
                    journal);
    return database.execute(
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;");
}

Result<bool> is_empty(Sqlite& database) {
    const std::string tables = MANDOS_TRY(database.ask("SELECT count(*) FROM sqlite_schema"));
    return tables == "0";
}

Result<Opened> open_checked(const std::string& path) {
    const mode_t others = umask(open_to_others); // for state.db and what SQLite puts beside it
    Result<Sqlite> opened = Sqlite::open(path, Access::ReadWrite);
    (void)umask(others);
    if (!opened)
        return std::unexpected(std::move(opened).error());
    Sqlite& database = *opened;
    const bool is_new = MANDOS_TRY(is_empty(database));
    if (!is_new) {
        MANDOS_TRY(check_version(database));
        MANDOS_TRY(check_integrity(database));
    }
    MANDOS_TRY(configure(database));
    if (is_new)
        MANDOS_TRY(database.execute(
            fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;",
                        schema, application_id, schema_version)));
    // A rollback journal that was deleted must not come back when the power fails now.
    MANDOS_TRY(sync_directory(directory_of(path)));
    return Opened{.database = std::move(database), .is_new = is_new};
}

} // namespace

std::string state_path(const std::string& directory) {
    return directory + "/state.db";
}

Error about_state(const std::string& directory, Error error) {
    const std::string where = fmt::format("state {}", quoted(state_path(directory)));
    if (error.kind() != ErrorKind::Invalid)
        return std::move(error).context(where);
    return {ErrorKind::Invalid,
            fmt::format(
                "{}: {}. It says who is disabled, so it is not replaced by itself: restore it from a backup, "
                "or move it away, and then every client is as clients.conf says",
                where, error.text())};
}

Result<UniqueFd> lock_directory(const std::string& directory) {
    UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return fail_errno(errno, "the state directory {} cannot be opened", quoted(directory));
    struct stat status{};
    if (fstat(fd.get(), &status) != 0)
        return fail_errno(errno, "cannot look at {}", directory);
    MANDOS_TRY(check_rights(status, directory, writable_by_others, S_IRWXU));
    MANDOS_TRY(check_file(state_path(directory)));
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail(ErrorKind::Exhausted, "another Mandos server uses the state directory {}",
                        quoted(directory));
        return fail_errno(errno, "the state directory {} cannot be locked", quoted(directory));
    }
    return fd;
}

Result<Opened> open_state(const std::string& directory) {
    const std::string path = state_path(directory);
    Result<Opened> opened = open_checked(path);
    if (opened)
        return opened;
    return std::unexpected(about_state(directory, std::move(opened).error()));
}

Result<Sqlite> open_state_to_read(const std::string& directory) {
    const std::string path = state_path(directory);
    const auto opened = [&path]() -> Result<Sqlite> {
        Sqlite database = MANDOS_TRY(Sqlite::open(path, Access::ReadOnly));
        MANDOS_TRY(check_version(database));
        return database;
    };
    Result<Sqlite> database = opened();
    if (database)
        return database;
    return std::unexpected(about_state(directory, std::move(database).error()));
}

} // namespace mandos::store
