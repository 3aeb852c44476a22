// SQLite with results instead of error codes: a database, and statements that are prepared once and run
// often. Text and blobs are copied in and out. Used by this library alone.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/handle.h"
#include "core/time.h"

namespace mandos::store {

enum class Access { ReadOnly, ReadWrite };

class Statement {
  public:
    Statement() = default; // of nothing: not to be used

    // Binds the parameters of the statement from the first on, in the order of the calls; run() and the end
    // of rows begin anew.
    Statement& bind(std::int64_t value);
    Statement& bind(std::string_view text);
    Statement& bind(ByteView blob);
    Statement& bind_null();
    Statement& bind(core::WallTime time) { return bind(std::int64_t{time.time_since_epoch().count()}); }
    template <class T>
    Statement& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind_null();
    }

    // To its end, without looking at rows.
    Result<void> run();
    // True: there is a row. False: there are no more, and the statement can be used again.
    Result<bool> next();

    // Of the row, from the first column on, in the order of the calls.
    std::int64_t integer();
    std::string text();
    Bytes blob();
    core::WallTime time() { return core::WallTime(std::chrono::microseconds(integer())); }
    bool is_null() const { return sqlite3_column_type(statement_.get(), column_) == SQLITE_NULL; }
    std::optional<core::WallTime> optional_time();
    void skip() { ++column_; }

  private:
    friend class Sqlite;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    void reset();
    Result<void> failed(int code);

    Handle<sqlite3_stmt, sqlite3_finalize> statement_;
    int parameter_ = 0;
    int column_ = 0;
    int bind_code_ = SQLITE_OK; // the first error of bind()
};

class Sqlite {
  public:
    // ReadWrite makes the file where there is none.
    static Result<Sqlite> open(const std::string& path, Access access);

    Result<Statement> prepare(std::string_view sql);
    // Any number of statements.
    Result<void> execute(const std::string& sql);
    // The first column of the first row, as text.
    Result<std::string> ask(const std::string& sql);

    bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

  private:
    explicit Sqlite(sqlite3* database) : database_(database) {}

    Handle<sqlite3, sqlite3_close_v2> database_;
};

} // namespace mandos::store
