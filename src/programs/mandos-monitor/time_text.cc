// Implements time_text.h.
#include "programs/mandos-monitor/time_text.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/numbers.h"
#include "base/quote.h"

namespace mandos::monitor {

namespace {

// The number that the digits at POSITION are, if COUNT of them are there.
std::optional<unsigned> digits(std::string_view text, std::size_t position, std::size_t count) {
    if (text.size() < position + count)
        return std::nullopt;
    const std::string_view part = text.substr(position, count);
    if (!std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return parse_number<unsigned>(part);
}

// ".106667": up to six digits, from the left.
std::optional<Span> fraction(std::string_view text) {
    if (text.empty())
        return Span{};
    if (text.front() != '.' || text.size() < 2)
        return std::nullopt;
    std::string microseconds(text.substr(1, 6));
    microseconds.resize(6, '0');
    const auto number = digits(microseconds, 0, 6);
    if (!number)
        return std::nullopt;
    return Span(*number);
}

std::tm local(TimePoint time) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm parts{};
    (void)localtime_r(&seconds, &parts); // fails for years that no int holds
    return parts;
}

} // namespace

std::optional<TimePoint> parse_time(std::string_view text) {
    using namespace std::chrono; // NOLINT(google-build-using-namespace): a dozen of its names
    constexpr std::size_t whole = std::string_view("2026-11-24T03:10:42").size();
    if (text.size() < whole || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ')
        || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const auto years = digits(text, 0, 4);
    const auto months = digits(text, 5, 2);
    const auto days_of_month = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    const auto part = fraction(text.substr(whole));
    if (!years || !months || !days_of_month || !hour || !minute || !second || !part)
        return std::nullopt;
    const year_month_day date{year(static_cast<int>(*years)), month(*months), day(*days_of_month)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    return TimePoint(sys_days(date)) + hours(*hour) + minutes(*minute) + seconds(*second) + *part;
}

std::string countdown(Span span) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(std::max(span, Span{})).count();
    constexpr long day = 24L * 3600;
    const std::string clock =
        fmt::format("{}:{:02}:{:02}", seconds % day / 3600, seconds % 3600 / 60, seconds % 60);
    return seconds < day ? clock : fmt::format("{}d {}", seconds / day, clock);
}

std::string local_time(TimePoint time) {
    const std::tm parts = local(time);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string log_time(TimePoint time) {
    const auto part = time - std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{},{:03}", local_time(time),
                       std::chrono::floor<std::chrono::milliseconds>(part).count());
}

std::string shown(std::string_view text) {
    const std::string quotes = quoted(text);
    const std::size_t closing = quotes.rfind('"');
    return quotes.substr(1, closing - 1) + quotes.substr(closing + 1);
}

} // namespace mandos::monitor
