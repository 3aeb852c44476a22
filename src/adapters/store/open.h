// Opening state.db: who may, and whether it is what it should be.
#pragma once

#include <string>

#include "adapters/store/sqlite.h"
#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::store {

// DIRECTORY/state.db.
std::string state_path(const std::string& directory);

// A lock on DIRECTORY that its holder alone has, after a look at its rights and those of the file in it.
// Denied: others could write there. Exhausted: another server has it.
Result<UniqueFd> lock_directory(const std::string& directory);

struct Opened {
    Sqlite database;
    bool is_new = false;
};
// For the server: makes what is missing, and checks all that is there. Errors name the file, and say what to
// do.
Result<Opened> open_state(const std::string& directory);

// ERROR about the file in DIRECTORY: which that is, and, where it is no longer what it was, what to do.
Error about_state(const std::string& directory, Error error);

// For reading beside the server.
Result<Sqlite> open_state_to_read(const std::string& directory);

} // namespace mandos::store
