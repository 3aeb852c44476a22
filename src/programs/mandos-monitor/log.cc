// Implements log.h.
#include "programs/mandos-monitor/log.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t start) {
    if (wanted.empty() || start > text.size())
        return std::string_view::npos;
    const auto rest = text.substr(start);
    const auto found =
        std::ranges::search(rest, wanted, [](char one, char other) { return lower(one) == lower(other); });
    return found.empty() ? std::string_view::npos
                         : start + static_cast<std::size_t>(found.begin() - rest.begin());
}

std::string LogLine::whole() const {
    return log_time(time) + ": " + text;
}

void Log::add(TimePoint time, std::string text) {
    lines_.push_back({time, std::move(text)});
    if (back_ > 0)
        ++back_;
    if (lines_.size() > lines_kept)
        lines_.pop_front();
    back_ = std::min(back_, lines_.size() - 1);
}

void Log::scroll(std::ptrdiff_t lines) {
    if (lines_.empty())
        return;
    const auto wanted = static_cast<std::ptrdiff_t>(back_) - lines;
    back_ = static_cast<std::size_t>(std::clamp(wanted, std::ptrdiff_t{0}, std::ssize(lines_) - 1));
}

void Log::set_wanted(std::string text) {
    wanted_ = std::move(text);
    include_bottom_ = true;
}

std::optional<std::size_t> Log::match(Direction direction) const {
    const auto matches = [this](std::size_t line) {
        return find_text(lines_[line].text, wanted_) != std::string_view::npos;
    };
    if (lines_.empty())
        return std::nullopt;
    if (include_bottom_ && matches(bottom()))
        return bottom();
    if (direction == Direction::Older) {
        for (std::size_t line = bottom(); line-- > 0;)
            if (matches(line))
                return line;
        return std::nullopt;
    }
    for (std::size_t line = bottom() + 1; line < lines_.size(); ++line)
        if (matches(line))
            return line;
    return std::nullopt;
}

bool Log::find(Direction direction) {
    const auto found = match(direction);
    include_bottom_ = false;
    if (found)
        back_ = lines_.size() - 1 - *found;
    return found.has_value();
}

} // namespace mandos::monitor
