#include "adapters/store/sqlite.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/time.h"

namespace mandos::store {

namespace {

std::unexpected<Error> sqlite_error(sqlite3* database, int code) {
    constexpr int primary = 0xff;
    ErrorKind kind = ErrorKind::System;
    const char* hint = "";
    switch (code & primary) {
    case SQLITE_NOTADB:
        kind = ErrorKind::Invalid;
        hint = " (the file is something else, or its beginning is damaged)";
        break;
    case SQLITE_CORRUPT:
        kind = ErrorKind::Invalid;
        hint = " (it is damaged)";
        break;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        kind = ErrorKind::Denied;
        break;
    case SQLITE_FULL:
        kind = ErrorKind::Exhausted;
        break;
    default:
        break;
    }
    const int cause = database == nullptr ? 0 : sqlite3_system_errno(database);
    const bool has_cause = (code & primary) == SQLITE_CANTOPEN || (code & primary) == SQLITE_IOERR;
    return fail(kind, "{}{}{}{}", database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database), hint,
                has_cause && cause != 0 ? ": " : "", has_cause && cause != 0 ? errno_text(cause) : "");
}

} // namespace

Statement& Statement::bind(std::int64_t value) {
    const int code = sqlite3_bind_int64(statement_.get(), ++parameter_, value);
    bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    const int code = sqlite3_bind_text64(statement_.get(), ++parameter_, text.empty() ? "" : text.data(),
                                         text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
    return *this;
}

Statement& Statement::bind(ByteView blob) {
    const int code = blob.empty() ? sqlite3_bind_zeroblob(statement_.get(), ++parameter_, 0)
                                  : sqlite3_bind_blob64(statement_.get(), ++parameter_, blob.data(),
                                                        blob.size(), SQLITE_TRANSIENT);
    bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
    return *this;
}

Statement& Statement::bind_null() {
    ++parameter_; // what is not bound is NULL: reset() has cleared it
    return *this;
}

void Statement::reset() {
    (void)sqlite3_reset(statement_.get()); // repeats the error of the last step
    (void)sqlite3_clear_bindings(statement_.get());
    parameter_ = 0;
    bind_code_ = SQLITE_OK;
}

Result<void> Statement::failed(int code) {
    auto error = sqlite_error(sqlite3_db_handle(statement_.get()), code);
    reset();
    return error;
}

Result<void> Statement::run() {
    while (MANDOS_TRY(next())) {
    }
    return {};
}

Result<bool> Statement::next() {
    if (bind_code_ != SQLITE_OK) {
        MANDOS_TRY(failed(bind_code_));
    }
    column_ = 0;
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        MANDOS_TRY(failed(code));
    reset();
    return false;
}

std::int64_t Statement::integer() {
    return sqlite3_column_int64(statement_.get(), column_++);
}

std::string Statement::text() {
    const unsigned char* characters = sqlite3_column_text(statement_.get(), column_);
    const int length = sqlite3_column_bytes(statement_.get(), column_++);
    if (characters == nullptr)
        return {};
    return {reinterpret_cast<const char*>(characters), static_cast<std::size_t>(length)};
}

Bytes Statement::blob() {
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column_));
    const int length = sqlite3_column_bytes(statement_.get(), column_++);
    return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + length);
}

std::optional<core::WallTime> Statement::optional_time() {
    if (is_null()) {
        skip();
        return std::nullopt;
    }
    return time();
}

Result<Sqlite> Sqlite::open(const std::string& path, Access access) {
    sqlite3* raw = nullptr;
    const int mode =
        access == Access::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code =
        sqlite3_open_v2(path.c_str(), &raw, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Sqlite database(raw);
    if (code != SQLITE_OK)
        return sqlite_error(raw, code);
    constexpr int patience_ms = 5000; // for a reader that holds up a checkpoint
    (void)sqlite3_busy_timeout(raw, patience_ms);
    return database;
}

Result<Statement> Sqlite::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    Statement statement(raw);
    if (code != SQLITE_OK)
        return sqlite_error(database_.get(), code);
    return statement;
}

Result<void> Sqlite::execute(const std::string& sql) {
    const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return sqlite_error(database_.get(), code);
    return {};
}

Result<std::string> Sqlite::ask(const std::string& sql) {
    Statement statement = MANDOS_TRY(prepare(sql));
    if (!MANDOS_TRY(statement.next()))
        return std::string();
    return statement.text();
}

} // namespace mandos::store
