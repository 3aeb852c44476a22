#include "base/utf8.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mandos {

namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

bool continues(unsigned byte) {
    return (byte & 0xC0U) == 0x80U;
}

// The length of the sequence that TEXT starts with (RFC 3629 §4), 0 where there is none.
std::size_t length_of_first(std::string_view text) {
    const unsigned first = byte_at(text, 0);
    const unsigned second = byte_at(text, 1);
    if (first < 0x80)
        return text.empty() ? 0 : 1;
    if (first >= 0xC2 && first <= 0xDF)
        return continues(second) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool overlong = first == 0xE0 && second < 0xA0;
        const bool surrogate = first == 0xED && second >= 0xA0;
        return continues(second) && continues(byte_at(text, 2)) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool overlong = first == 0xF0 && second < 0x90;
        const bool beyond_unicode = first == 0xF4 && second >= 0x90;
        return continues(second) && continues(byte_at(text, 2)) && continues(byte_at(text, 3)) && !overlong
                       && !beyond_unicode
                   ? 4
                   : 0;
    }
    return 0;
}

} // namespace

std::optional<Utf8Character> first_character(std::string_view text) {
    const std::size_t bytes = length_of_first(text);
    if (bytes == 0)
        return std::nullopt;
    if (bytes == 1)
        return Utf8Character{.character = byte_at(text, 0), .bytes = 1};
    char32_t character = byte_at(text, 0) & (0x7FU >> bytes);
    for (std::size_t index = 1; index < bytes; ++index)
        character = (character << 6U) | (byte_at(text, index) & 0x3FU);
    return Utf8Character{.character = character, .bytes = bytes};
}

void append_utf8(std::string& text, char32_t character) {
    const auto tail = [character](unsigned shift) {
        return static_cast<char>(0x80U | ((character >> shift) & 0x3FU));
    };
    if (character < 0x80)
        text += static_cast<char>(character);
    else if (character < 0x800)
        text += {static_cast<char>(0xC0U | (character >> 6U)), tail(0)};
    else if (character < 0x10000)
        text += {static_cast<char>(0xE0U | (character >> 12U)), tail(6), tail(0)};
    else
        text += {static_cast<char>(0xF0U | (character >> 18U)), tail(12), tail(6), tail(0)};
}

bool is_utf8(std::string_view text) {
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    while (!text.empty()) {
        // Nearly all text is.
        text = {std::ranges::find_if_not(text, is_ascii), text.end()};
        if (text.empty())
            break;
        const std::size_t length = length_of_first(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

} // namespace mandos
