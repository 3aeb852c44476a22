// What mandos-ctl says. Never a secret.
#pragma once

#include <string_view>

#include "base/error.h"

namespace mandos::ctl {

// TEXT on standard output. An error: it did not get there, all of it (a full disk, a closed descriptor).
Result<void> tell(std::string_view text);

// "mandos-ctl: LINE" on standard error.
void say(std::string_view line);

// The same, and "hint: HINT" below it unless HINT is empty.
void complain(std::string_view line, std::string_view hint);

} // namespace mandos::ctl
