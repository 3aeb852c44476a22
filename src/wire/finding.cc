#include "wire/finding.h"

#include <string>

#include <fmt/core.h>

#include "base/quote.h"

namespace mandos::wire {

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
        place += fmt::format("option {}: ", option);
    else if (!section.empty())
        place.replace(place.size() - 2, 2, ": ");
    return place + text;
}

} // namespace mandos::wire
