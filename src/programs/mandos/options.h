// The command line of the server (mandos(8)): one table, from which --help comes too.
#pragma once

#include <string>

#include "base/error.h"
#include "programs/mandos/settings.h"

namespace mandos::server {

// Invalid: which option is wrong and what was expected.
Result<CommandLine> read_command_line(int argc, char** argv);

std::string help_text();

} // namespace mandos::server
