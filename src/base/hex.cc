#include "base/hex.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos {

namespace {

std::optional<unsigned> digit_value(char digit) {
    if (digit >= '0' && digit <= '9')
        return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return static_cast<unsigned>(digit - 'a') + 10U;
    if (digit >= 'A' && digit <= 'F')
        return static_cast<unsigned>(digit - 'A') + 10U;
    return std::nullopt;
}

} // namespace

std::string to_hex(ByteView bytes, HexCase letters) {
    const std::string_view digits = letters == HexCase::Lower ? "0123456789abcdef" : "0123456789ABCDEF";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        out += digits[std::to_integer<std::size_t>(byte >> 4)];
        out += digits[std::to_integer<std::size_t>(byte & std::byte{0x0F})];
    }
    return out;
}

Result<Bytes> from_hex(std::string_view digits) {
    Bytes out;
    out.reserve(digits.size() / 2);
    std::optional<unsigned> high;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto value = digit_value(digits[i]);
        if (!value)
            return fail(ErrorKind::Invalid, "character {} at position {} is not a hexadecimal digit",
                        quoted(digits.substr(i, 1)), i + 1);
        if (high) {
            out.push_back(std::byte(*high << 4U | *value));
            high.reset();
        } else {
            high = value;
        }
    }
    if (high)
        return fail(ErrorKind::Invalid, "an odd number ({}) of hexadecimal digits", digits.size());
    return out;
}

} // namespace mandos
