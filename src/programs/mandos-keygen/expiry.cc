#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "programs/mandos-keygen/options.h"

namespace mandos::keygen {

namespace {

using std::chrono::days;
using std::chrono::seconds;

// "2027-01-31"
std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return std::nullopt;
    const auto year = parse_number<std::uint16_t>(text.substr(0, 4));
    const auto month = parse_number<std::uint16_t>(text.substr(5, 2));
    const auto day = parse_number<std::uint16_t>(text.substr(8, 2));
    if (!year || !month || !day)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<days> parse_span(std::string_view text) {
    days unit(1);
    switch (text.empty() ? '\0' : text.back()) {
    case 'w':
        unit = days(7);
        break;
    case 'm':
        unit = days(30);
        break;
    case 'y':
        unit = days(365);
        break;
    default:
        break;
    }
    if (unit != days(1) || text.ends_with('d'))
        text.remove_suffix(1);
    const auto count = parse_number<std::uint32_t>(text);
    return count ? std::optional(unit * std::int64_t{*count}) : std::nullopt;
}

} // namespace

Result<seconds> parse_expiry(std::string_view text, std::chrono::sys_seconds now) {
    if (text == "0" || text == "none" || text == "never")
        return seconds(0);
    const auto date = parse_date(text);
    const auto span = parse_span(text);
    const seconds after = date ? *date - now : seconds(span.value_or(days(0)));
    // OpenPGP's times end in 2106 (RFC 9580 §3.5); gpg takes a sum beyond that for one in the past.
    constexpr std::chrono::sys_seconds end_of_time{seconds{std::numeric_limits<std::uint32_t>::max()}};
    if (after <= seconds(0) || after > end_of_time - now)
        return fail(ErrorKind::Invalid,
                    "{} is no time of expiry; expected 0 for never, a number of days, one with d, w, m or y "
                    "behind it, or a date to come like 2031-12-31, and before 2106",
                    quoted(text));
    return after;
}

} // namespace mandos::keygen
