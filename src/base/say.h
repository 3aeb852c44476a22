// What programs say on their standard streams, in whole pieces. Never a secret. The server says what it has
// to say through adapters/log instead.
#pragma once

#include <string_view>

#include "base/error.h"

namespace mandos {

// TEXT on standard output. An error: it did not get there, all of it (a full disk, a closed descriptor).
Result<void> tell(std::string_view text);

// "WHO: LINE" on standard error, in one piece.
void say_as(std::string_view who, std::string_view line);

} // namespace mandos
