// The subcommands of mandos-ctl: what its first word may be. One row each; main() and --help read the table.
// Without one the command line is that of 1.8 (clients.h), where words are names of clients; a client whose
// name is a subcommand is reached behind "--" or behind any option.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

struct Subcommand {
    std::string_view word;
    std::string_view usage; // the word with what may follow it, for --help
    std::string_view help;
    // ARGV begins with the word.
    Status (*run)(int argc, char** argv);
};

std::span<const Subcommand> subcommands();

// The one that ARGV asks for with its first word, or nullptr.
const Subcommand* asked_subcommand(int argc, char** argv);

} // namespace mandos::ctl
