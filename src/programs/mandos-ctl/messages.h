// What mandos-ctl says. Never a secret.
#pragma once

#include <string_view>

namespace mandos::ctl {

// "mandos-ctl: LINE" on standard error.
void say(std::string_view line);

// The same, and "hint: HINT" below it unless HINT is empty.
void complain(std::string_view line, std::string_view hint);

} // namespace mandos::ctl
