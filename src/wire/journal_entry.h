// An entry for systemd's journal in its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): fields with names,
// whose values may be any bytes.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mandos::wire {

struct JournalField {
    std::string_view name; // of A to Z, 0 to 9 and "_", 64 characters at most, the first one a letter
    std::string value;

    bool operator==(const JournalField&) const = default;
};

// What is sent in one datagram, or lies in the file that is sent in its place.
std::string journal_entry(std::span<const JournalField> fields);

} // namespace mandos::wire
