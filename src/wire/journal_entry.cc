#include "wire/journal_entry.h"

#include <cstdint>
#include <span>
#include <string>

namespace mandos::wire {

namespace {

// 64 bits, the lowest byte first.
std::string length_of(const std::string& value) {
    constexpr unsigned bits_of_a_byte = 8;
    std::string bytes;
    for (std::uint64_t rest = value.size(); bytes.size() < sizeof rest; rest >>= bits_of_a_byte)
        bytes += static_cast<char>(rest & 0xffU);
    return bytes;
}

} // namespace

std::string journal_entry(std::span<const JournalField> fields) {
    std::string entry;
    for (const JournalField& field : fields) {
        entry += field.name;
        // The short form ends with the line.
        entry += field.value.find('\n') == std::string::npos ? "=" : "\n" + length_of(field.value);
        entry += field.value;
        entry += '\n';
    }
    return entry;
}

} // namespace mandos::wire
