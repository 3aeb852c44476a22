#include "programs/plugin-runner/console.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <string>
#include <string_view>

#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/time.h"

namespace mandos::runner {

int Console::waited_for() const {
    return kept_.empty() ? -1 : STDERR_FILENO;
}

void Console::show(const std::string& text) {
    if (kept_.size() + text.size() <= core::limits::plugin_messages)
        kept_ += text;
    flush();
}

void Console::flush() {
    pollfd errors{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    while (!kept_.empty() && poll(&errors, 1, 0) == 1) {
        // A line at a time, as the kernel's log (/dev/kmsg) makes a record of each write, and no more at once
        // than does not block (pipe(7)).
        const std::size_t line = std::min(kept_.find('\n'), kept_.size() - 1) + 1;
        const std::size_t size = std::min<std::size_t>(line, PIPE_BUF);
        const ssize_t written = write(STDERR_FILENO, kept_.data(), size);
        if (written < 0 && errno == EINTR)
            continue;
        // There is nobody to tell that somebody cannot be told.
        kept_.erase(0, written > 0 ? static_cast<std::size_t>(written) : size);
    }
}

void Console::finish() {
    constexpr int moment = 1000; // milliseconds
    pollfd errors{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    while (!kept_.empty() && poll(&errors, 1, moment) == 1)
        flush();
}

void Console::said(const std::string& name, std::string_view piece, core::Time now) {
    show(voices_.said(name, piece, now));
}

void Console::ended(const std::string& name, core::Time now) {
    show(voices_.ended(name, now));
}

void Console::say(std::string_view line) {
    show(voices_.own(line));
}

void Console::show_prompts(core::Time now) {
    show(voices_.due(now));
}

} // namespace mandos::runner
