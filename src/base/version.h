// The version of Mandos, "2.0.0": CMakeLists.txt says it.
#pragma once

#include <string_view>

namespace mandos {

std::string_view version();

} // namespace mandos
