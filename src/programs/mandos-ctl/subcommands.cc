#include "programs/mandos-ctl/subcommands.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "programs/mandos-ctl/acts.h"
#include "programs/mandos-ctl/log.h"
#include "programs/mandos-ctl/names.h"

namespace mandos::ctl {

namespace {

constexpr std::array<Subcommand, 6> table{{
    {"explain", "explain [--json] CLIENT", "Tell whether it gets its secret now, and why not", run_explain},
    {"log", "log [--client=C] [--since=T] [--verify] [--json]",
     "Show the audit log, or whether it was changed", run_log},
    {"lockdown", "lockdown [on|off]", "Let nobody get anything, end that, or show it", run_lockdown},
    {"reload", "reload", "Take over the configuration as it is now", run_reload},
    {"add", "add [FILE]", "Add a client; FILE has its section", run_add},
    {"names", "names", "Print the names of all clients, one a line", run_names},
}};

} // namespace

std::span<const Subcommand> subcommands() {
    return table;
}

const Subcommand* asked_subcommand(int argc, char** argv) {
    if (argc < 2)
        return nullptr;
    const auto* const found = std::ranges::find(table, std::string_view(argv[1]), &Subcommand::word);
    return found == table.end() ? nullptr : found;
}

} // namespace mandos::ctl
