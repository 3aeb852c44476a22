// A question that systemd's programs leave for password agents (https://systemd.io/PASSWORD_AGENTS): a file
// "ask.*" with a section [Ask].
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/error.h"

namespace mandos::wire {

struct AskQuestion {
    std::string socket;                    // path of the datagram socket that the answer is sent to
    pid_t process = 0;                     // who asks
    std::chrono::microseconds not_after{}; // on the clock CLOCK_MONOTONIC; 0: for ever
};

// TEXT is the whole file. Invalid: no [Ask], or Socket is no path from the root that a socket can have, or
// PID is no process; a NotAfter that is no number counts as none.
Result<AskQuestion> parse_ask_question(std::string_view text);

} // namespace mandos::wire
