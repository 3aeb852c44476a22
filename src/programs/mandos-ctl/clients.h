// mandos-ctl without a subcommand: shows clients, or does things to them, with the options of 1.8.
#pragma once

#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

Status run_clients(int argc, char** argv);

} // namespace mandos::ctl
