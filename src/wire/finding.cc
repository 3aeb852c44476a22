#include "wire/finding.h"

#include <string>

#include <fmt/core.h>

#include "base/quote.h"

namespace mandos::wire {

namespace {

// TEXT as it is, or quoted where it has what does not belong into a line.
std::string plain(const std::string& text) {
    std::string shown = quoted(text);
    return shown.size() == text.size() + 2 ? text : shown;
}

} // namespace

std::string Finding::describe() const {
    std::string place = file;
    if (line != 0)
        place += fmt::format(":{}", line);
    place += ": ";
    if (severity == Severity::Warning)
        place += "warning: ";
    if (!section.empty())
        place += fmt::format("section {}, ", quoted(section));
    if (!option.empty())
        place += fmt::format("option {}: ", plain(option));
    else if (!section.empty())
        place.replace(place.size() - 2, 2, ": ");
    return place + text;
}

} // namespace mandos::wire
