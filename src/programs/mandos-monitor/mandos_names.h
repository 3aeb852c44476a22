// What the server is called on the message bus.
#pragma once

#include <string_view>

namespace mandos::monitor {

constexpr std::string_view server_name = "se.recompile.Mandos"; // its interface on "/" is called the same
constexpr std::string_view client_interface = "se.recompile.Mandos.Client";

} // namespace mandos::monitor
