#include "programs/plugin-runner/terminal_state.h"

#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

namespace mandos::runner {

TerminalState::TerminalState() {
    termios found{};
    if (tcgetattr(STDIN_FILENO, &found) == 0)
        before_ = found;
}

void TerminalState::put_back() const {
    if (!before_)
        return;
    // -1: it controls nobody of ours, as the console does not at boot.
    if (const pid_t foreground = tcgetpgrp(STDIN_FILENO); foreground >= 0 && foreground != getpgrp())
        return;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

} // namespace mandos::runner
