// The texts of mandos-ctl --help: the ways to call it, the options, the subcommands.
#pragma once

#include <string>

namespace mandos::ctl {

std::string help_text();

// The first lines of it, on standard error.
void say_usage();

} // namespace mandos::ctl
