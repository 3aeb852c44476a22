#include "adapters/bus/text.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "base/quote.h"

namespace mandos::bus {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::size_t length_by_first_byte(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

// Of well-formed UTF-8 of one character.
char32_t code_point(std::string_view one) {
    const auto byte = [one](std::size_t index) { return static_cast<unsigned char>(one[index]); };
    if (one.size() == 1)
        return byte(0);
    char32_t value = byte(0) & (0x7FU >> one.size());
    for (std::size_t index = 1; index < one.size(); ++index)
        value = (value << 6U) | (byte(index) & 0x3FU);
    return value;
}

// Unicode, "Noncharacters".
bool is_character(char32_t value) {
    return value != 0 && (value < 0xFDD0 || value > 0xFDEF) && (value & 0xFFFEU) != 0xFFFEU;
}

} // namespace

std::string sendable(std::string_view text) {
    std::string sent;
    sent.reserve(text.size());
    while (!text.empty()) {
        const std::string_view one =
            text.substr(0, length_by_first_byte(static_cast<unsigned char>(text[0])));
        if (is_utf8(one) && is_character(code_point(one))) {
            sent += one;
            text.remove_prefix(one.size());
        } else {
            sent += replacement;
            text.remove_prefix(1);
        }
    }
    return sent;
}

} // namespace mandos::bus
