// Numbers from text: the whole text, no locale, no surprises (std::from_chars).
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace mandos {

// The decimal number that TEXT is as a whole ("-" only where Number is signed), or nothing: empty, not a
// number, out of range, anything left over.
template <class Number>
    requires std::integral<Number> || std::floating_point<Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end)
        return std::nullopt;
    return number;
}

} // namespace mandos
