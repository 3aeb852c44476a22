// Base64 (RFC 4648 §4) as configuration files hold it.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace mandos {

// With padding, no line breaks.
std::string to_base64(ByteView bytes);

struct Base64Decoded {
    Bytes bytes;
    bool junk_skipped = false; // characters outside the alphabet, other than white space, were there
};

// Decodes exactly as Mandos 1.8 does (Python's binascii.a2b_base64 without "strict"): characters outside the
// alphabet are skipped, padding ends the data, empty text is empty data.
// Invalid: padding that is missing or short ("incorrect padding"), or one lone data character at the end.
Result<Base64Decoded> from_base64(std::string_view text);

} // namespace mandos
