#include "wire/crypttab.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/numbers.h"

namespace mandos::wire {

namespace {

// The next part of TEXT up to any of SEPARATORS, which is taken off it.
std::string_view take(std::string_view& text, std::string_view separators) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::string_view take_field(std::string_view& line) {
    constexpr std::string_view blanks = " \t";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    return take(line, blanks);
}

bool line_asks(std::string_view line) {
    const std::string_view name = take_field(line);
    const std::string_view source = take_field(line);
    const std::string_view key = take_field(line);
    std::string_view options = take_field(line);
    if (name.empty() || name.starts_with('#') || source.empty() || key.empty())
        return false;
    constexpr std::string_view script = "keyscript=";
    while (!options.empty())
        if (const std::string_view option = take(options, ","); option.starts_with(script))
            return option.substr(script.size()) == "/lib/cryptsetup/askpass";
    return key == "none";
}

} // namespace

bool crypttab_asks(std::string_view text) {
    while (!text.empty())
        if (line_asks(take(text, "\n")))
            return true;
    return false;
}

AskingEnvironment parse_asking_environment(std::string_view environment) {
    AskingEnvironment found;
    const auto number = [](unsigned& into, std::string_view text) {
        into = parse_number<unsigned>(text).value_or(into);
    };
    while (!environment.empty()) {
        std::string_view value = take(environment, std::string_view("\0", 1));
        const std::string_view name = take(value, "=");
        if (name == "CRYPTTAB_NAME")
            found.volume = value;
        else if (name == "CRYPTTAB_TRIED")
            number(found.tried, value);
        else if (name == "CRYPTTAB_OPTION_tries")
            number(found.tries, value);
    }
    return found;
}

} // namespace mandos::wire
