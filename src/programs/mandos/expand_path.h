// File names in the configuration: $VARIABLE, ${VARIABLE}, ~ and ~user, as 1.8 (Python's os.path) expands
// them.
#pragma once

#include <string>
#include <string_view>

namespace mandos::server {

// First the variables, then a ~ in front. What is unknown stays as it is written.
std::string expand_path(std::string_view path);

} // namespace mandos::server
