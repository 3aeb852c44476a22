// PluginProcess: one process that may give a password: a plugin, or the prompt that comes when all have
// failed. Its process group is ours, as ever, so that it may read the terminal when we may, and keys that
// signal reach it too. It is asked to end when we are gone. Invariant: whoever has one reaps it by its number
// (waitpid(2)); that is not done here. Only for programs with one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::runner {

struct PluginProcess {
    pid_t pid = -1;
    UniqueFd output; // non-blocking
    UniqueFd errors; // non-blocking; none: they are written to ours directly
};

struct PluginUser {
    uid_t user = 65534;
    gid_t group = 65534;
    enum class Rights {
        Ours,       // who we are: we are not root and cannot change that
        User,       // USER and GROUP for good, without supplementary groups
        UserAndRoot // the same, and root as effective and saved user and group
    } rights = Rights::Ours;
};

struct PluginCommand {
    int directory = -1; // descriptors, O_PATH
    int file = -1;
    std::string name;                   // in the directory
    std::vector<std::string> arguments; // without the name
    std::vector<std::string> environment;
    PluginUser user;
};

// Executes the plugin. A script sees itself as /dev/fd/N/NAME, or /dev/fd/N where its directory is closed to
// the user. An error: no process can be made, or it could not become the user, or execute the file.
Result<PluginProcess> start_plugin(const PluginCommand& command);

// A copy of this process that does TASK and ends with the status that it returns; what it writes to
// standard output is the password.
Result<PluginProcess> start_copy(const std::function<int()>& task);

} // namespace mandos::runner
