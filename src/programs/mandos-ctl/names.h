// mandos-ctl names: the names of the clients, for shells that complete them.
#pragma once

#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

Status run_names(int argc, char** argv);

} // namespace mandos::ctl
