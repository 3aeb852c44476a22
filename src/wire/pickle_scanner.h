// PickleScanner: the arguments that a pickle's instructions have, as they stand in the file: numbers, counted
// bytes, lines, and the two escaped forms of text that protocol 0 has. Used by pickle.cc alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace mandos::wire {

class PickleScanner {
  public:
    explicit PickleScanner(ByteView bytes) : text_(as_text(bytes)) {}

    std::size_t offset() const { return at_; }
    bool at_end() const { return at_ == text_.size(); }

    // The next SIZE bytes. Invalid: there are not as many.
    Result<std::string_view> take(std::size_t size);
    // An unsigned number of SIZE (1, 2 or 4) bytes, the least significant first.
    Result<std::uint32_t> number(std::size_t size);
    // What a count of SIZE bytes announces.
    Result<std::string_view> counted(std::size_t size);
    // Up to the next line feed, which is taken too. Invalid: there is none.
    Result<std::string_view> line();

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// A number in two's complement, the least significant byte first. Unsupported: more than 64 bits.
Result<std::int64_t> little_endian(std::string_view bytes);

// What Python 2's repr() wrote of a str, quotes included. Invalid: it never wrote that.
Result<std::string> unescape_bytes(std::string_view quoted);

// The codec raw-unicode-escape as pickles have it: Latin-1 with \uXXXX and \UXXXXXXXX; as UTF-8. Invalid:
// another backslash, no digits, a surrogate, or beyond Unicode.
Result<std::string> unescape_text(std::string_view escaped);

// Text all of whose characters are of Latin-1, one byte each. Invalid: another character.
Result<std::string> latin1_bytes(std::string_view utf8);

} // namespace mandos::wire
