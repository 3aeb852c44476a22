#include "programs/mandos-ctl/subcommands.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "programs/mandos-ctl/names.h"

namespace mandos::ctl {

namespace {

constexpr std::array<Subcommand, 1> table{{
    {"names", "names", "Print the names of all clients, one a line (for scripts and shells)", run_names},
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
