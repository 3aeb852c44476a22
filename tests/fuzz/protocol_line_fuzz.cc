// The first bytes that a peer sends. However they are cut into pieces, the same line is taken or refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "wire/protocol_line.h"

namespace {

using mandos::Result;
using mandos::wire::ProtocolLine;

enum class Outcome { Taken, Refused };

Outcome feed(mandos::ByteView bytes, std::size_t piece) {
    ProtocolLine line;
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min(piece, bytes.size()));
        bytes = bytes.subspan(part.size());
        const Result<ProtocolLine::Progress> progress = line.feed(part);
        if (!progress)
            return Outcome::Refused;
        if (*progress == ProtocolLine::Progress::Complete)
            return bytes.empty() ? Outcome::Taken : Outcome::Refused; // as the server, which reads on
    }
    return line.end() ? Outcome::Taken : Outcome::Refused;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const Outcome whole = feed(bytes, size + 1);
    for (const std::size_t piece : {1UZ, 2UZ, 3UZ, 64UZ})
        mandos::check(feed(bytes, piece) == whole, "the pieces of a line do not matter");
    return 0;
}
