// The tables of state.db; docs/state-format.md tells what is in them.
#pragma once

namespace mandos::store {

constexpr int schema_version = 1;          // PRAGMA user_version
constexpr int application_id = 0x4D414E44; // "MAND": PRAGMA application_id

constexpr const char* schema = R"sql(
CREATE TABLE server (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    locked_down     INTEGER NOT NULL,
    stopped_cleanly INTEGER NOT NULL,
    boot_id         TEXT    NOT NULL,
    audit_records   INTEGER NOT NULL,
    audit_hash      BLOB    NOT NULL
) STRICT;
CREATE TABLE settings (
    client              TEXT    NOT NULL,
    layer               TEXT    NOT NULL CHECK (layer IN ('in force', 'configured')),
    origin              TEXT    NOT NULL CHECK (origin IN ('configuration', 'runtime')),
    key_id              BLOB,
    fingerprint         TEXT    NOT NULL,
    secret              BLOB    NOT NULL,
    host                TEXT    NOT NULL,
    checker             TEXT    NOT NULL,
    timeout             INTEGER NOT NULL,
    extended_timeout    INTEGER NOT NULL,
    interval            INTEGER NOT NULL,
    approval_delay      INTEGER NOT NULL,
    approval_duration   INTEGER NOT NULL,
    approved_by_default INTEGER NOT NULL,
    enabled             INTEGER NOT NULL,
    PRIMARY KEY (client, layer)
) STRICT, WITHOUT ROWID;
CREATE TABLE lives (
    client                TEXT    NOT NULL PRIMARY KEY,
    enabled               INTEGER NOT NULL,
    allowance             TEXT    NOT NULL CHECK (allowance IN ('timeout', 'extended timeout')),
    expires_wall          INTEGER,
    expires_boot          INTEGER,
    decision              TEXT    CHECK (decision IN ('approve', 'deny')),
    decision_ends_wall    INTEGER,
    decision_ends_boot    INTEGER,
    created               INTEGER,
    last_enabled          INTEGER,
    last_checked_ok       INTEGER,
    last_approval_request INTEGER,
    last_checker_status   INTEGER NOT NULL,
    saved_wall            INTEGER NOT NULL,
    saved_boot            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE removed (
    client TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    number   INTEGER NOT NULL PRIMARY KEY,
    time     INTEGER NOT NULL,
    event    TEXT    NOT NULL,
    client   TEXT    NOT NULL,
    peer     TEXT    NOT NULL,
    cause    TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    left_out INTEGER NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_of_client ON audit (client, number);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are never deleted'); END;
)sql";

} // namespace mandos::store
