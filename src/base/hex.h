// Bytes as hexadecimal digits, two for each.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace mandos {

enum class HexCase { Lower, Upper };

std::string to_hex(ByteView bytes, HexCase letters = HexCase::Lower);

// Takes digits of either case. Invalid: another character, or an odd number of them.
Result<Bytes> from_hex(std::string_view digits);

} // namespace mandos
