#include "programs/plugin-runner/plugin_directory.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "core/plugin_file.h"
#include "programs/plugin-runner/options.h"

namespace mandos::runner {

namespace {

Result<std::vector<std::string>> names_in(const std::string& directory) {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(directory, error);
    while (!error && entry != std::filesystem::directory_iterator{}) {
        names.push_back(entry->path().filename());
        entry.increment(error);
    }
    if (error)
        return fail_errno(error.value(), "cannot read the directory of plugins, {}",
                          mandos::quoted(directory));
    std::ranges::sort(names);
    return names;
}

core::FileOwnership ownership(const struct stat& status) {
    return {.mode = status.st_mode, .owner = status.st_uid, .group = status.st_gid};
}

Result<PluginFile> look_at(const PluginDirectory& directory, const std::string& name,
                           const Options& options) {
    // Links are followed, and devices not touched: O_PATH.
    UniqueFd file(openat(directory.descriptor.get(), name.c_str(), O_PATH | O_CLOEXEC));
    struct stat status{};
    struct stat above{};
    if (!file || fstat(file.get(), &status) != 0 || fstat(directory.descriptor.get(), &above) != 0)
        return fail_errno(errno, "cannot look at it");
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::Invalid, "it is no file");
    const bool is_root = geteuid() == 0;
    const bool keeps_root = is_root && core::keeps_root(name, ownership(status), ownership(above));
    const uid_t user = keeps_root ? 0 : is_root ? options.user : geteuid();
    const gid_t group = is_root ? options.group : getegid();
    if (!core::may_execute(ownership(status), user, group))
        return fail(ErrorKind::Denied, "it cannot be executed by user {} and group {}", user, group);
    return PluginFile{.name = name,
                      .file = std::move(file),
                      .rights = keeps_root ? PluginFile::Rights::UserAndRoot : PluginFile::Rights::User};
}

} // namespace

Result<PluginDirectory> read_plugin_directory(const Options& options) {
    PluginDirectory directory;
    directory.descriptor.reset(open(options.plugin_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory.descriptor)
        return fail_errno(errno, "cannot open the directory of plugins, {}",
                          mandos::quoted(options.plugin_directory));
    for (const std::string& name : MANDOS_TRY(names_in(options.plugin_directory))) {
        if (!core::is_plugin_name(name) || options.is_disabled(name))
            continue;
        if (directory.plugins.size() == core::limits::plugins) {
            directory.left_out.push_back(
                fmt::format("there are more than {} plugins; {} and what is behind it is "
                            "not started",
                            core::limits::plugins, mandos::quoted(name)));
            break;
        }
        if (auto plugin = look_at(directory, name, options))
            directory.plugins.push_back(*std::move(plugin));
        else
            directory.left_out.push_back(
                fmt::format("plugin {} is not started: {}", mandos::quoted(name), plugin.error().text()));
    }
    return directory;
}

} // namespace mandos::runner
