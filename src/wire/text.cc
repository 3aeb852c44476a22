#include "wire/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace mandos::wire {

namespace {

// Those of Unicode outside ASCII for which str.isspace() holds, in UTF-8.
constexpr std::array<std::string_view, 19> wide_spaces{
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

bool is_ascii_space(char character) {
    return character == ' ' || (character >= '\t' && character <= '\r')
           || (character >= '\x1c' && character <= '\x1f');
}

std::size_t trailing_space(std::string_view text) {
    if (text.empty())
        return 0;
    if (is_ascii_space(text.back()))
        return 1;
    if (static_cast<unsigned char>(text.back()) < 0x80)
        return 0;
    const auto found =
        std::ranges::find_if(wide_spaces, [text](std::string_view s) { return text.ends_with(s); });
    return found == wide_spaces.end() ? 0 : found->size();
}

} // namespace

std::size_t leading_space(std::string_view text) {
    if (text.empty())
        return 0;
    if (is_ascii_space(text.front()))
        return 1;
    if (static_cast<unsigned char>(text.front()) < 0x80)
        return 0;
    const auto found =
        std::ranges::find_if(wide_spaces, [text](std::string_view s) { return text.starts_with(s); });
    return found == wide_spaces.end() ? 0 : found->size();
}

std::string_view strip_end(std::string_view text) {
    while (const std::size_t length = trailing_space(text))
        text.remove_suffix(length);
    return text;
}

std::string_view strip(std::string_view text) {
    while (const std::size_t length = leading_space(text))
        text.remove_prefix(length);
    return strip_end(text);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

} // namespace mandos::wire
