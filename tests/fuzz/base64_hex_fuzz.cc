// Base64, hexadecimal digits, key IDs and quoting: what is written reads back, and what is quoted is
// harmless.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hex.h"
#include "base/quote.h"
#include "core/key_id.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto again = mandos::from_base64(mandos::to_base64(bytes));
    mandos::check(again && std::ranges::equal(again->bytes, bytes) && !again->junk_skipped,
                  "base64 reads back");
    const auto hex = mandos::from_hex(mandos::to_hex(bytes, mandos::HexCase::Upper));
    mandos::check(hex && std::ranges::equal(*hex, bytes), "hexadecimal digits read back");

    if (const auto decoded = mandos::from_base64(text))
        mandos::check(decoded->bytes.size() <= size, "base64 does not grow when it is decoded");
    if (const auto key_id = mandos::core::KeyId::parse(text))
        mandos::check(mandos::core::KeyId::parse(key_id->text()) == *key_id, "a key ID reads back");
    const std::string quoted = mandos::quoted(text);
    mandos::check(mandos::is_utf8(quoted), "what is quoted is UTF-8");
    mandos::check(std::ranges::none_of(quoted, [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
                  "what is quoted has no control characters");
    return 0;
}
