#include "base/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace mandos {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

bool is_white_space(char character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
}

} // namespace

std::string to_base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i < bytes.size(); i += 3) {
        const auto byte = [&bytes, i](std::size_t k) {
            return i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U;
        };
        const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
        text += alphabet[group >> 18U & 63U];
        text += alphabet[group >> 12U & 63U];
        text += i + 1 < bytes.size() ? alphabet[group >> 6U & 63U] : '=';
        text += i + 2 < bytes.size() ? alphabet[group & 63U] : '=';
    }
    return text;
}

Result<Base64Decoded> from_base64(std::string_view text) {
    static constexpr auto values = digit_values();
    Base64Decoded decoded;
    decoded.bytes.resize(text.size() / 4 * 3 + 3);
    auto next = decoded.bytes.begin();
    const auto trim = [&decoded, &next] { decoded.bytes.erase(next, decoded.bytes.end()); };
    std::uint32_t bits = 0;   // of the group that is under way
    std::size_t in_group = 0; // its digits, 0 to 3
    std::size_t padding = 0;  // "=" since its last digit
    std::size_t digits = 0;
    for (const char character : text) {
        if (character == '=') {
            // Padding counts only where a group can end; a complete one ends the data (RFC 4648 §3.3).
            if (in_group < 2)
                decoded.junk_skipped = true;
            else if (++padding + in_group >= 4) {
                trim();
                return decoded;
            }
            continue;
        }
        const std::uint8_t value = values[static_cast<unsigned char>(character)];
        if (value == no_digit) {
            decoded.junk_skipped |= !is_white_space(character);
            continue;
        }
        padding = 0;
        ++digits;
        bits = bits << 6U | value;
        if (in_group == 0) {
            in_group = 1;
            continue;
        }
        // Each digit after the first of its group completes a byte.
        const std::size_t unused = 6 - 2 * in_group;
        *next++ = static_cast<std::byte>(bits >> unused & 0xFFU);
        in_group = (in_group + 1) % 4;
    }
    if (in_group == 1)
        return fail(ErrorKind::Invalid,
                    "{} base64 characters, one more than a multiple of 4: something is missing", digits);
    if (in_group != 0)
        return fail(ErrorKind::Invalid, "the base64 padding (\"=\" at the end) is missing or too short");
    trim();
    return decoded;
}

} // namespace mandos
