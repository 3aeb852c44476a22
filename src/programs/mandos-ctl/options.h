// The command line of mandos-ctl without a subcommand, and its rules: which options go together.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "programs/mandos-ctl/action.h"

namespace mandos::ctl {

enum class Mode { Act, Table, WholeTable, Json, SelfCheck, Help, Version };

struct Request {
    Mode mode = Mode::Table;
    std::vector<Step> steps; // in the order in which they are done; some exactly if the mode is Act
    std::vector<std::string> names;
    bool all = false;
    bool debug = false;
};

// Reads files that options name, so that a missing one stops everything before anything is done. Invalid:
// which option is wrong, or does not go with another, and what was expected.
Result<Request> read_options(int argc, char** argv);

// The options as --help lists them, a line each.
std::string options_text();

} // namespace mandos::ctl
