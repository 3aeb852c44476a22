#include "programs/plugin-runner/orphans.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/numbers.h"

namespace mandos::runner {

namespace {

// The parent of process PID, by /proc/PID/stat: "PID (NAME) STATE PARENT ..." (proc(5)); a name may be
// anything.
std::optional<pid_t> parent_of(std::string_view pid) {
    constexpr std::size_t enough = 4096;
    const auto content = read_file("/proc/" + std::string(pid) + "/stat", enough);
    if (!content)
        return std::nullopt;
    std::string_view text = as_text(*content);
    constexpr std::string_view state = ") S ";
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string_view::npos || text.size() < name_end + state.size())
        return std::nullopt;
    text.remove_prefix(name_end + state.size());
    return parse_number<pid_t>(text.substr(0, text.find(' ')));
}

// Children of ours that are in our session and not yet zombies.
std::vector<pid_t> orphans() {
    std::vector<pid_t> found;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error);
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename();
        const auto pid = parse_number<pid_t>(name);
        if (pid && parent_of(name) == getpid() && getsid(*pid) == getsid(0))
            found.push_back(*pid);
    }
    return found;
}

} // namespace

void adopt_orphans() {
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void kill_orphans() {
    // Whoever forks as fast as it is killed is let go after so many rounds.
    constexpr int most_rounds = 100;
    for (int round = 0; round < most_rounds; ++round) {
        const std::vector<pid_t> found = orphans();
        if (found.empty())
            return;
        for (const pid_t pid : found)
            (void)kill(pid, SIGKILL);
        for (const pid_t pid : found)
            while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
                continue;
    }
}

} // namespace mandos::runner
