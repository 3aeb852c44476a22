#include "wire/protocol_line.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"

namespace mandos::wire {

namespace {

// Whether FIELD is a number with the value 1, as Python's int() reads ASCII digits: "1", "+1", "01".
bool is_version_1(std::string_view field) {
    if (field.starts_with('+'))
        field.remove_prefix(1);
    while (field.size() > 1 && field.front() == '0')
        field.remove_prefix(1);
    return field == "1";
}

} // namespace

Result<ProtocolLine::Progress> ProtocolLine::feed(ByteView bytes) {
    if (bytes.empty())
        return Progress::MoreNeeded;
    std::string_view text = as_text(bytes);
    // The first byte of a TLS record that carries a handshake (RFC 8446 §5.1).
    if (line_.empty() && text.starts_with('\x16'))
        return fail(ErrorKind::Invalid,
                    "TLS instead of the protocol line: the Mandos client must wait for the server's "
                    "ClientHello");
    if (!ended_by_cr_) {
        const std::size_t end = text.find_first_of("\r\n");
        line_ += text.substr(0, end);
        if (line_.size() + 1 > core::limits::protocol_line)
            return fail(ErrorKind::Invalid, "no end of the protocol line within {} bytes: {}",
                        core::limits::protocol_line, quoted(line_, core::limits::protocol_line));
        if (end == std::string_view::npos)
            return Progress::MoreNeeded;
        ended_by_cr_ = text[end] == '\r';
        text.remove_prefix(end + 1);
        // 1.8 reads the byte behind a CR before it takes the line for ended, so an LF is always waited for.
        if (ended_by_cr_ && text.empty())
            return Progress::MoreNeeded;
    }
    if (ended_by_cr_ && text.starts_with('\n'))
        text.remove_prefix(1);
    if (!text.empty())
        return fail(ErrorKind::Invalid, "bytes behind the protocol line {}: {}", quoted(line_), quoted(text));
    return judge();
}

Result<ProtocolLine::Progress> ProtocolLine::end() {
    if (line_.empty() && !ended_by_cr_)
        return fail(ErrorKind::PeerClosed, "hung up without a protocol line");
    return judge();
}

Result<ProtocolLine::Progress> ProtocolLine::judge() const {
    if (!is_utf8(line_))
        return fail(ErrorKind::Invalid, "the protocol line is no UTF-8 text: {}", quoted(line_));
    constexpr std::string_view blanks = " \t\v\f";
    const std::size_t start = line_.find_first_not_of(blanks);
    if (start == std::string::npos)
        return fail(ErrorKind::Invalid, "empty protocol line; expected protocol version 1");
    const std::string_view rest = std::string_view(line_).substr(start);
    const std::string_view field = rest.substr(0, rest.find_first_of(blanks));
    if (!is_version_1(field))
        return fail(ErrorKind::Invalid, "unknown protocol version {}; expected 1", quoted(field));
    return Progress::Complete;
}

} // namespace mandos::wire
