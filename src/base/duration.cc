#include "base/duration.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"

namespace mandos {

namespace {

using Seconds = std::int64_t;

constexpr Seconds second = 1;
constexpr Seconds minute = 60 * second;
constexpr Seconds hour = 60 * minute;
constexpr Seconds day = 24 * hour;
constexpr Seconds week = 7 * day;
constexpr Seconds month = 4 * week;
constexpr Seconds year = 52 * week;
// What 1.8 can count (Python's timedelta). Well within Duration.
constexpr Seconds least = -999'999'999 * day;
constexpr Seconds most = 999'999'999 * day + (day - 1);
static_assert(most <= std::numeric_limits<Duration::rep>::max() / 1000);

struct Unit {
    char letter;
    Seconds length;
    bool behind_t;
};

// In the order in which RFC 3339 appendix A lets them follow each other.
constexpr std::array<Unit, 6> rfc_units{{{'Y', year, false},
                                         {'M', month, false},
                                         {'D', day, false},
                                         {'H', hour, true},
                                         {'M', minute, true},
                                         {'S', second, true}}};
constexpr std::size_t days_unit = 2; // the only one that a T may follow: 1.8 is narrower here than RFC 3339
constexpr std::array<std::pair<char, Seconds>, 5> old_units{
    {{'s', second}, {'m', minute}, {'h', hour}, {'d', day}, {'w', week}}};

// SUM plus COUNT times LENGTH; nothing where that is out of range.
std::optional<Seconds> add(Seconds sum, Seconds count, Seconds length) {
    Seconds product = 0;
    Seconds total = 0;
    if (__builtin_mul_overflow(count, length, &product) || __builtin_add_overflow(sum, product, &total)
        || total > most || total < least)
        return std::nullopt;
    return total;
}

// The digits that TEXT begins with, taken off it. Nothing: there are none, or too many.
std::optional<Seconds> take_number(std::string_view& text) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        ++digits;
    const auto number = parse_number<Seconds>(text.substr(0, digits));
    text.remove_prefix(digits);
    return number;
}

std::optional<Seconds> parse_rfc3339(std::string_view text) {
    if (!text.starts_with('P'))
        return std::nullopt;
    text.remove_prefix(1);
    if (text.ends_with('W')) {
        const auto weeks = take_number(text);
        return weeks && text == "W" ? add(0, *weeks, week) : std::nullopt;
    }
    Seconds sum = 0;
    bool in_time = false;
    std::optional<std::size_t> last_unit;
    while (!text.empty()) {
        bool begins_anew = !last_unit;
        if (!in_time && text.starts_with('T') && last_unit.value_or(days_unit) == days_unit) {
            begins_anew = true;
            in_time = true;
            text.remove_prefix(1);
        }
        const auto number = take_number(text);
        if (!number || text.empty())
            return std::nullopt;
        std::size_t unit = 0;
        while (unit < rfc_units.size()
               && (rfc_units[unit].letter != text.front() || rfc_units[unit].behind_t != in_time))
            ++unit;
        if (unit == rfc_units.size() || (!begins_anew && unit != *last_unit + 1))
            return std::nullopt;
        const auto total = add(sum, *number, rfc_units[unit].length);
        if (!total)
            return std::nullopt;
        sum = *total;
        last_unit = unit;
        text.remove_prefix(1);
    }
    return last_unit ? std::optional(sum) : std::nullopt;
}

std::optional<Seconds> parse_old(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\r\v\f";
    Seconds sum = 0;
    for (;;) {
        const std::size_t start = text.find_first_not_of(blanks);
        if (start == std::string_view::npos)
            return sum;
        text.remove_prefix(start);
        std::string_view word = text.substr(0, text.find_first_of(blanks));
        text.remove_prefix(word.size());
        Seconds length = 0;
        for (const auto& [letter, seconds] : old_units)
            if (word.back() == letter)
                length = seconds;
        word.remove_suffix(1);
        if (word.starts_with('+') && !word.starts_with("+-"))
            word.remove_prefix(1);
        const auto number = parse_number<Seconds>(word);
        if (length == 0 || !number)
            return std::nullopt;
        const auto total = add(sum, *number, length);
        if (!total)
            return std::nullopt;
        sum = *total;
    }
}

} // namespace

Result<Duration> parse_duration(std::string_view text) {
    std::optional<Seconds> seconds = parse_rfc3339(text);
    if (!seconds)
        seconds = parse_old(text);
    if (!seconds)
        return fail(ErrorKind::Invalid,
                    "{} is no time span; expected one like \"PT5M\" or \"P1DT2H0M30S\" (RFC 3339), "
                    "or \"5m 30s\" with the units s, m, h, d and w",
                    quoted(text));
    return std::chrono::seconds(*seconds);
}

std::string format_duration(Duration duration) {
    Seconds rest = std::chrono::floor<std::chrono::seconds>(duration).count();
    if (rest == 0)
        return "PT0S";
    if (rest % week == 0)
        return fmt::format("P{}W", rest / week);
    const Seconds days = rest / day;
    rest %= day;
    std::string text = "P";
    if (days > 0)
        text += fmt::format("{}D", days);
    if (rest == 0)
        return text;
    const Seconds hours = rest / hour;
    const Seconds minutes = rest % hour / minute;
    const Seconds seconds = rest % minute;
    text += 'T';
    if (hours > 0)
        text += fmt::format("{}H", hours);
    // No unit may be left out between two others.
    if (minutes > 0 || (hours > 0 && seconds > 0))
        text += fmt::format("{}M", minutes);
    if (seconds > 0)
        text += fmt::format("{}S", seconds);
    return text;
}

} // namespace mandos
