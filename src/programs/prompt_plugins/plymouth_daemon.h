// plymouthd, which draws on the console and owns its keyboard while it runs.
#pragma once

#include <optional>

#include "adapters/processes/find.h"

namespace mandos::prompt_plugins {

// By its pid files or, whatever has become of these, its name. Root runs it.
std::optional<processes::Process> find_plymouth();

} // namespace mandos::prompt_plugins
