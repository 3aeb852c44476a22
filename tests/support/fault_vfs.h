// FaultVfs: the file system as SQLite sees it, on which calls fail when a test wants it, and from which
// everything that was not flushed disappears, as when the power fails. While it lives it is SQLite's default.
#pragma once

#include <map>
#include <string>

#include <sqlite3.h>

#include "base/bytes.h"

namespace mandos::test {

class FaultVfs {
  public:
    FaultVfs();
    FaultVfs(const FaultVfs&) = delete;
    FaultVfs& operator=(const FaultVfs&) = delete;
    ~FaultVfs();

    // The CALL-th call from now on that changes a file (write, truncate, flush; 1: the next) and all after it
    // fail with CODE, until heal().
    void fail_from(int call, int code);
    void heal() { failing_from_ = 0; }
    bool has_failed() const { return has_failed_; }

    // Files are as they were when they were last flushed; what never was is not there. With no database open.
    void cut_power();

  private:
    friend struct FaultFile;

    int next_change(); // SQLITE_OK, or the code that it fails with
    void flushed(const std::string& path);

    sqlite3_vfs vfs_{};
    sqlite3_vfs* real_;
    std::map<std::string, Bytes> on_disk_;
    std::map<std::string, bool> touched_; // every file that was opened
    int changes_ = 0;
    int failing_from_ = 0; // 0: none
    int code_ = SQLITE_OK;
    bool has_failed_ = false;
};

} // namespace mandos::test
