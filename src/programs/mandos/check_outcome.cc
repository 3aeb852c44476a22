#include "programs/mandos/check_outcome.h"

#include <chrono>
#include <optional>
#include <string>

#include <fmt/core.h>
#include <sys/wait.h>

#include "adapters/checker/shells.h"

namespace mandos::server {

std::optional<int> CheckOutcome::exit_code() const {
    return WIFEXITED(wait_status) ? std::optional(WEXITSTATUS(wait_status)) : std::nullopt;
}

std::optional<int> CheckOutcome::signal() const {
    return WIFSIGNALED(wait_status) ? std::optional(WTERMSIG(wait_status)) : std::nullopt;
}

int wait_status_of(BuiltInExit exit) {
    constexpr int bits = 8;
    return static_cast<int>(exit) << bits;
}

CheckOutcome outcome_of(const checker::ShellEnded& ended, std::chrono::milliseconds limit) {
    CheckOutcome outcome{.wait_status = ended.wait_status, .command = {}, .reason = {}};
    if (ended.timed_out) {
        outcome.reason =
            fmt::format("the checker did not end within {} s", std::chrono::duration<double>(limit).count());
        if (outcome.succeeded()) // it took SIGTERM for a reason to be content, and was not done in time
            outcome.wait_status = wait_status_of(BuiltInExit::Unreachable);
    } else if (outcome.signal()) {
        outcome.reason = fmt::format("the checker was ended by signal {}", *outcome.signal());
    } else if (!outcome.succeeded()) {
        outcome.reason = fmt::format("the checker ended with exit code {}", WEXITSTATUS(ended.wait_status));
    }
    return outcome;
}

} // namespace mandos::server
