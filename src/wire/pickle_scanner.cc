#include "wire/pickle_scanner.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/utf8.h"

namespace mandos::wire {

namespace {

// The value of DIGITS hexadecimal digits at the start of TEXT.
Result<std::uint32_t> hex_digits(std::string_view text, std::size_t digits) {
    std::uint32_t value = 0;
    const char* const end = text.data() + digits;
    if (text.size() < digits)
        return fail(ErrorKind::Invalid, "an escaped character is cut short");
    const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
    if (error != std::errc{} || stop != end)
        return fail(ErrorKind::Invalid, "an escaped character has no hexadecimal number");
    return value;
}

} // namespace

Result<std::string_view> PickleScanner::take(std::size_t size) {
    if (size > text_.size() - at_)
        return fail(ErrorKind::Invalid, "cut short: {} bytes are missing", size - (text_.size() - at_));
    const std::string_view taken = text_.substr(at_, size);
    at_ += size;
    return taken;
}

Result<std::uint32_t> PickleScanner::number(std::size_t size) {
    std::uint32_t value = 0;
    unsigned shift = 0;
    for (const char byte : MANDOS_TRY(take(size))) {
        value |= std::uint32_t{static_cast<unsigned char>(byte)} << shift;
        shift += 8;
    }
    return value;
}

Result<std::string_view> PickleScanner::counted(std::size_t size) {
    const std::uint32_t count = MANDOS_TRY(number(size));
    return take(count);
}

Result<std::string_view> PickleScanner::line() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos)
        return fail(ErrorKind::Invalid, "cut short: a line has no end");
    const std::string_view taken = text_.substr(at_, end - at_);
    at_ = end + 1;
    return taken;
}

Result<std::int64_t> little_endian(std::string_view bytes) {
    if (bytes.size() > sizeof(std::int64_t))
        return fail(ErrorKind::Unsupported, "a number of {} bytes; expected at most {}", bytes.size(),
                    sizeof(std::int64_t));
    const bool negative = !bytes.empty() && static_cast<unsigned char>(bytes.back()) >= 0x80;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = bytes.size(); i > 0; --i)
        value = (value << 8U) | static_cast<unsigned char>(bytes[i - 1]);
    return static_cast<std::int64_t>(value);
}

Result<std::string> unescape_bytes(std::string_view quoted) {
    const bool is_quoted = quoted.size() >= 2 && quoted.front() == quoted.back()
                           && (quoted.front() == '\'' || quoted.front() == '"');
    if (!is_quoted)
        return fail(ErrorKind::Invalid, "a string without quotes");
    std::string_view rest = quoted.substr(1, quoted.size() - 2);
    std::string out;
    while (!rest.empty()) {
        const char first = rest.front();
        rest.remove_prefix(1);
        if (first == quoted.front())
            return fail(ErrorKind::Invalid, "a string ends before its line does");
        if (first != '\\') {
            out += first;
            continue;
        }
        const char escaped = rest.empty() ? '\0' : rest.front();
        rest.remove_prefix(rest.empty() ? 0 : 1);
        switch (escaped) {
        case '\\':
        case '\'':
        case '"':
            out += escaped;
            break;
        case 'n':
            out += '\n';
            break;
        case 'r':
            out += '\r';
            break;
        case 't':
            out += '\t';
            break;
        case 'x':
            out += static_cast<char>(MANDOS_TRY(hex_digits(rest, 2)));
            rest.remove_prefix(2);
            break;
        default:
            return fail(ErrorKind::Invalid, "a string with a backslash that Python does not write");
        }
    }
    return out;
}

Result<std::string> unescape_text(std::string_view escaped) {
    std::string out;
    while (!escaped.empty()) {
        std::uint32_t character = static_cast<unsigned char>(escaped.front());
        escaped.remove_prefix(1);
        if (character == '\\') {
            if (!escaped.starts_with('u') && !escaped.starts_with('U'))
                return fail(ErrorKind::Invalid, "a text with a backslash that Python does not write");
            const std::size_t digits = escaped.front() == 'u' ? 4 : 8;
            escaped.remove_prefix(1);
            character = MANDOS_TRY(hex_digits(escaped, digits));
            escaped.remove_prefix(digits);
        }
        if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
            return fail(ErrorKind::Invalid, "a text with U+{:04X}, which is no character", character);
        append_utf8(out, character);
    }
    return out;
}

Result<std::string> latin1_bytes(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        if (first < 0x80) {
            out += utf8[i];
            continue;
        }
        if (first > 0xC3) // U+0100 and on
            return fail(ErrorKind::Invalid, "bytes with a character that is no byte");
        ++i;
        out += static_cast<char>(((first & 0x3U) << 6U) | (static_cast<unsigned char>(utf8[i]) & 0x3FU));
    }
    return out;
}

} // namespace mandos::wire
