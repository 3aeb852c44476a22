// The options of a program as one table: parsing, --help and the lint test of the manual pages read the same
// rows. On top of getopt_long(3): long names may be shortened as long as they stay clear, --name=value and
// --name value are the same, letters may be joined. Nothing is printed and nobody exits here: each program
// has its own manners.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mandos {

struct Option {
    char letter = 0; // 0: none
    const char* name = nullptr;
    const char* argument = nullptr; // what --help calls it; nullptr: the option takes none
    const char* help = nullptr;
    // Called each time the option is given, with its argument (empty where it takes none).
    std::function<Result<void>(std::string_view value)> set;
};

// Sets what ARGV says, in its order. Invalid: an unknown or unclear option, a missing argument, a value that
// set() refuses, or anything that is no option; the text names it. What came before it has been set.
Result<void> parse_command_line(std::span<const Option> options, int argc, char** argv);

// The same for programs that take words beside the options, before, between or behind them: returns these in
// their order. What follows "--" is a word.
Result<std::vector<std::string>> parse_options_and_words(std::span<const Option> options, int argc,
                                                         char** argv);

// One line for each option, "  -p, --port=PORT   ..." , for --help.
std::string describe_options(std::span<const Option> options);

} // namespace mandos
