#include "adapters/bus/text.h"

#include <string>
#include <string_view>

#include "base/utf8.h"

namespace mandos::bus {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// Unicode, "Noncharacters".
bool is_character(char32_t value) {
    return value != 0 && (value < 0xFDD0 || value > 0xFDEF) && (value & 0xFFFEU) != 0xFFFEU;
}

} // namespace

std::string sendable(std::string_view text) {
    std::string sent;
    sent.reserve(text.size());
    while (!text.empty()) {
        const auto first = first_character(text);
        if (first && is_character(first->character)) {
            sent += text.substr(0, first->bytes);
            text.remove_prefix(first->bytes);
        } else {
            sent += replacement;
            text.remove_prefix(1);
        }
    }
    return sent;
}

} // namespace mandos::bus
