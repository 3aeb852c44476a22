#include "adapters/processes/find.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/numbers.h"

namespace mandos::processes {

namespace {

constexpr std::size_t longest_command_line = std::size_t{128} << 10; // the kernel's limit for one argument
constexpr std::size_t longest_pid_file = 64;

struct CloseDirectory {
    void operator()(DIR* directory) const { (void)closedir(directory); }
};

std::vector<std::string> split_at_nuls(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\0'), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::optional<pid_t> pid_in(const std::string& file) {
    const auto content = read_file(file, longest_pid_file);
    if (!content)
        return {};
    std::string_view text = as_text(*content);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    const auto pid = parse_number<pid_t>(text);
    if (!pid || *pid <= 0)
        return {};
    return pid;
}

std::vector<pid_t> all_pids() {
    std::vector<pid_t> pids;
    const std::unique_ptr<DIR, CloseDirectory> directory(opendir("/proc"));
    if (!directory)
        return pids;
    while (const dirent* entry =
               readdir(directory.get())) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (const auto pid = parse_number<pid_t>(entry->d_name); pid && *pid > 0)
            pids.push_back(*pid);
    }
    std::ranges::sort(pids);
    return pids;
}

} // namespace

std::string Process::base_name() const {
    const std::string& name = arguments.front();
    const std::size_t slash = name.rfind('/');
    return slash == std::string::npos ? name : name.substr(slash + 1);
}

std::optional<Process> look_at(pid_t pid) {
    const std::string folder = fmt::format("/proc/{}", pid);
    const auto content = read_file(folder + "/cmdline", longest_command_line);
    struct stat status{};
    if (!content || content->empty() || stat(folder.c_str(), &status) != 0)
        return {};
    Process process{.pid = pid, .user = status.st_uid, .arguments = split_at_nuls(as_text(*content))};
    std::array<char, 4096> path{};
    const ssize_t length = readlink((folder + "/exe").c_str(), path.data(), path.size());
    if (length > 0)
        process.executable = std::string(path.data(), static_cast<std::size_t>(length));
    return process;
}

std::optional<Process> find(const Wanted& wanted) {
    for (const pid_t pid : all_pids()) {
        if (auto process = look_at(pid); process && wanted(*process))
            return process;
    }
    return {};
}

std::optional<Process> find(std::span<const std::string> pid_files, const Wanted& wanted) {
    for (const std::string& file : pid_files) {
        const auto pid = pid_in(file);
        if (!pid)
            continue;
        if (auto process = look_at(*pid); process && wanted(*process))
            return process;
    }
    return find(wanted);
}

} // namespace mandos::processes
