#include "wire/legacy_passphrase.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace mandos::wire {

namespace {

constexpr std::string_view prefix = "mandos";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t longest_in_hexadecimal = 2048; // prefix included

// What stands for BYTE where the secret is too long for hexadecimal digits; empty: the byte itself.
std::string_view escape_of(std::byte byte) {
    switch (std::to_integer<char>(byte)) {
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\0':
        return "\\x00";
    default:
        return "";
    }
}

} // namespace

SecretBytes legacy_passphrase(ByteView configured_secret) {
    constexpr std::size_t longest_escape = 4;
    SecretBytes passphrase(prefix.size() + longest_escape * configured_secret.size());
    auto out = std::ranges::copy(as_bytes(prefix), passphrase.reveal().begin()).out;
    const bool in_hexadecimal = prefix.size() + 2 * configured_secret.size() <= longest_in_hexadecimal;
    for (const std::byte byte : configured_secret) {
        const std::string_view escape = escape_of(byte);
        if (in_hexadecimal) {
            *out++ = std::byte(digits[std::to_integer<std::size_t>(byte >> 4U)]);
            *out++ = std::byte(digits[std::to_integer<std::size_t>(byte & std::byte{0xF})]);
        } else if (escape.empty()) {
            *out++ = byte;
        } else {
            out = std::ranges::copy(as_bytes(escape), out).out;
        }
    }
    passphrase.resize(static_cast<std::size_t>(out - passphrase.reveal().begin()));
    return passphrase;
}

} // namespace mandos::wire
