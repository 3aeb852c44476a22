// What is in a plugin directory and will be started (core/plugin_file.h).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "programs/plugin-runner/options.h"

namespace mandos::runner {

struct PluginFile {
    std::string name;
    UniqueFd file; // as it was looked at (open(2), O_PATH)
    enum class Rights { User, UserAndRoot } rights = Rights::User;
};

struct PluginDirectory {
    UniqueFd descriptor;               // O_PATH
    std::vector<PluginFile> plugins;   // by name
    std::vector<std::string> left_out; // why what else is there is not started, a line for each
};

// The directory that OPTIONS name. An error: it cannot be read.
Result<PluginDirectory> read_plugin_directory(const Options& options);

} // namespace mandos::runner
