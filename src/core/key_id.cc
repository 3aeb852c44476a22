#include "core/key_id.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hex.h"

namespace mandos::core {

namespace {

constexpr std::string_view id_of_nothing = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";

} // namespace

Result<KeyId> KeyId::parse(std::string_view text) {
    std::string digits;
    digits.reserve(text.size());
    std::ranges::copy_if(text, std::back_inserter(digits),
                         [](char c) { return c != ' ' && (c < '\t' || c > '\r'); });
    const Bytes bytes = MANDOS_TRY(from_hex(digits));
    Digest digest{};
    if (bytes.size() != digest.size())
        return fail(ErrorKind::Invalid, "{} hexadecimal digits, expected {}", digits.size(),
                    2 * digest.size());
    std::ranges::copy(bytes, digest.begin());
    return KeyId(digest);
}

std::string KeyId::text() const {
    return to_hex(digest_, HexCase::Upper);
}

bool KeyId::is_of_nothing() const {
    static const Result<KeyId> of_nothing = parse(id_of_nothing);
    return of_nothing && *this == *of_nothing;
}

} // namespace mandos::core
