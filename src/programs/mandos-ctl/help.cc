#include "programs/mandos-ctl/help.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include <fmt/core.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "programs/mandos-ctl/options.h"
#include "programs/mandos-ctl/subcommands.h"

namespace mandos::ctl {

namespace {

std::string usage() {
    std::string text = "usage: mandos-ctl [OPTION...] [CLIENT...]\n";
    for (const Subcommand& subcommand : subcommands())
        text += fmt::format("       mandos-ctl {}\n", subcommand.usage);
    return text;
}

std::string describe_subcommands() {
    std::size_t width = 0;
    for (const Subcommand& subcommand : subcommands())
        width = std::max(width, subcommand.usage.size());
    std::string text;
    for (const Subcommand& subcommand : subcommands())
        text += fmt::format("  {:<{}}  {}\n", subcommand.usage, width, subcommand.help);
    return text;
}

} // namespace

std::string help_text() {
    return fmt::format(
        "{}"
        "Shows the clients of the Mandos server on this machine, or does something to them.\n\n"
        "{}\n"
        "Several actions are done in the order given, each to all the clients that are named.\n"
        "TIME is like \"PT5M\" or \"P1DT2H0M30S\" (RFC 3339), or like \"5m 30s\".\n\n"
        "Subcommands (the first word; a client of such a name is reached behind \"--\"):\n{}",
        usage(), options_text(), describe_subcommands());
}

void say_usage() {
    (void)write_all(STDERR_FILENO, as_bytes(usage())); // there is nobody to tell that nobody can be told
}

} // namespace mandos::ctl
