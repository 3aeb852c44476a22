// Bytes and views of them. Text that is only passed on counts as bytes; std::string is for what people read.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace mandos {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// The same bytes seen as characters; lives as long as what BYTES views.
inline std::string_view as_text(ByteView bytes) {
    // A char may alias any object (C++ [basic.lval]).
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) {
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

} // namespace mandos
