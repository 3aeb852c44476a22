// What mandos-keygen says to its user. Never a secret.
#pragma once

#include <string_view>

#include "base/error.h"

namespace mandos::keygen {

// TEXT on standard output. An error: it did not get there, all of it (a full disk, a closed descriptor).
Result<void> tell(std::string_view text);

// "mandos-keygen: LINE" on standard error.
void complain(std::string_view line);

} // namespace mandos::keygen
