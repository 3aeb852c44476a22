// Characters into and out of UTF-8 (RFC 3629: no surrogates, no overlong forms).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mandos {

struct Utf8Character {
    char32_t character = 0;
    std::size_t bytes = 0; // 1 to 4
};

// The character that TEXT begins with; nothing: it is empty, or begins with what is no UTF-8.
std::optional<Utf8Character> first_character(std::string_view text);

// CHARACTER, which Unicode has, behind TEXT.
void append_utf8(std::string& text, char32_t character);

// Whether TEXT is well-formed.
bool is_utf8(std::string_view text);

} // namespace mandos
