#include "base/quote.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/utf8.h"

namespace mandos {

namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

// C1 controls, bidirectional and invisible format characters: they would let a peer rearrange a log line.
bool misleads(std::string_view sequence) {
    const unsigned first = byte_at(sequence, 0);
    const unsigned second = byte_at(sequence, 1);
    const unsigned third = byte_at(sequence, 2);
    if (sequence.size() == 2)
        return first == 0xC2 && (second < 0xA0 || second == 0xAD);
    if (sequence.size() != 3)
        return false;
    const bool general_punctuation_format =
        first == 0xE2
        && ((second == 0x80 && ((third >= 0x8B && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE)))
            || (second == 0x81 && third >= 0xA0 && third <= 0xAF));
    const bool byte_order_mark = first == 0xEF && second == 0xBB && third == 0xBF;
    return general_punctuation_format || byte_order_mark;
}

void append_escaped(std::string& out, char character) {
    switch (character) {
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    default:
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
    }
}

bool is_control(unsigned char byte) {
    return byte < 0x20 || byte == 0x7F;
}

// The controls U+0080 to U+009F are C2 80 to C2 9F.
bool begins_c1_control(std::string_view text) {
    return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

} // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        if (begins_c1_control(text)) {
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[1]));
            text.remove_prefix(1);
        } else if (is_control(byte)) {
            shown += fmt::format("\\x{:02x}", byte);
        } else {
            shown += text.front();
        }
        text.remove_prefix(1);
    }
    return shown;
}

std::string quoted(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto first = first_character(rest);
        const std::size_t length = first ? first->bytes : 0;
        const std::size_t taken = length == 0 ? 1 : length;
        if (text.size() - rest.size() + taken > limit)
            break;
        const std::string_view sequence = rest.substr(0, taken);
        const bool plain_ascii = length == 1 && sequence[0] >= ' ' && sequence[0] < 0x7F && sequence[0] != '"'
                                 && sequence[0] != '\\';
        if (plain_ascii || (length > 1 && !misleads(sequence)))
            out += sequence;
        else
            for (const char character : sequence)
                append_escaped(out, character);
        rest.remove_prefix(taken);
    }
    out += rest.empty() ? "\"" : "\"...";
    return out;
}

} // namespace mandos
