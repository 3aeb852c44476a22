// What users and peers supply, made fit for a log line or a terminal: in double quotes, one line, no control
// characters. Printable UTF-8 stays readable, anything else becomes \n, \t, \", \\ or \xHH.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mandos {

// At most LIMIT bytes of TEXT are shown, followed by "..." outside the quotes where there is more.
std::string quoted(std::string_view text, std::size_t limit = 256);

// TEXT without quotes and limit, control characters, which would tear a line or do something to a terminal,
// as "\x1b".
std::string printable(std::string_view text);

// Whether TEXT is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

} // namespace mandos
