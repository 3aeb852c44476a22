#include "programs/mandos-client/quiet_console.h"

#include <string_view>

#include <sys/klog.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/numbers.h"

namespace mandos::client {

namespace {

constexpr int console_level_action = 8; // SYSLOG_ACTION_CONSOLE_LEVEL, which no header has
constexpr int up_to_warnings = 5;

} // namespace

QuietConsole::QuietConsole() {
    // The first of its numbers is the level of the console (proc(5)).
    const auto levels = read_file("/proc/sys/kernel/printk", 64);
    if (!levels)
        return;
    const std::string_view text = as_text(*levels);
    const auto level = parse_number<int>(text.substr(0, text.find_first_of("\t ")));
    if (level && *level > up_to_warnings && klogctl(console_level_action, nullptr, up_to_warnings) == 0)
        before_ = level;
}

QuietConsole::~QuietConsole() {
    if (before_)
        (void)klogctl(console_level_action, nullptr, *before_);
}

} // namespace mandos::client
