#include "programs/plugin-runner/console.h"

#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "core/time.h"

namespace mandos::runner {

namespace {

void show(std::string_view text) {
    pollfd errors{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    if (!text.empty() && poll(&errors, 1, 0) == 1)
        (void)write_all(STDERR_FILENO, as_bytes(text)); // there is nobody to tell that nobody can be told
}

} // namespace

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
