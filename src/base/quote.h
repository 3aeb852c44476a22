// What users and peers supply, made fit for a log line or a terminal: in double quotes, one line, no control
// characters. Printable UTF-8 stays readable, anything else becomes \n, \t, \", \\ or \xHH.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h" // IWYU pragma: export

namespace mandos {

// At most LIMIT bytes of TEXT are shown, followed by "..." outside the quotes where there is more.
std::string quoted(std::string_view text, std::size_t limit = 256);

// TEXT without quotes and limit, control characters, which would tear a line or do something to a terminal,
// as "\x1b".
std::string printable(std::string_view text);

} // namespace mandos
