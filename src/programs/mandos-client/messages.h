// What mandos-client says to people: lines on standard error, marked as a plugin's, as always.
#pragma once

#include <string_view>

namespace mandos::client {

// "Mandos plugin mandos-client: LINE", in one piece.
void say(std::string_view line);

} // namespace mandos::client
