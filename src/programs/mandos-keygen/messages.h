// What mandos-keygen says to its user. Never a secret.
#pragma once

#include <string_view>

namespace mandos::keygen {

// "mandos-keygen: LINE" on standard error.
void complain(std::string_view line);

} // namespace mandos::keygen
