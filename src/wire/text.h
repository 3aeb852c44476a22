// What Python's str methods call white space and lower case, for the configuration dialect that it defines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mandos::wire {

// The number of bytes of the white-space character that TEXT (UTF-8) begins with, 0 where it begins with
// another.
std::size_t leading_space(std::string_view text);

// TEXT without white space at both ends (str.strip()), or at its end (str.rstrip()).
std::string_view strip(std::string_view text);
std::string_view strip_end(std::string_view text);

// ASCII letters in lower case. Python lowers all of Unicode, but no option of ours has a letter outside
// ASCII.
std::string lower(std::string_view text);

} // namespace mandos::wire
