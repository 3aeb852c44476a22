// CheckOutcome: how a check ended, in the terms of the command that it is or stands for: D-Bus tells the exit
// codes of the built-in checks as those of fping and of what mandos-keygen prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "adapters/checker/shells.h"

namespace mandos::server {

struct CheckOutcome {
    int wait_status = 0; // as waitpid(2) gives it; a built-in check has that of the command it stands for
    std::string command; // what a shell ran, or would have run
    std::string reason;  // why it failed, for the log ("no answer from 192.0.2.1 within 5 s"); "": it did not

    bool succeeded() const { return wait_status == 0; }
    // 0..255; nothing where a signal ended it.
    std::optional<int> exit_code() const;
    std::optional<int> signal() const;
};

// Of the built-in checks.
enum class BuiltInExit {
    Alive = 0,
    Unreachable = 1, // fping and grep
    NoAddress = 2,   // fping
    NotDone = 4,     // fping: the system failed
};
// As waitpid(2) gives it.
int wait_status_of(BuiltInExit exit);

// How a shell that had LIMIT ended, apart from the command.
CheckOutcome outcome_of(const checker::ShellEnded& ended, std::chrono::milliseconds limit);

} // namespace mandos::server
