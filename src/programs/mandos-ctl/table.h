// The table that mandos-ctl shows: a header, then a line for each client, columns as wide as the widest value
// in them.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/error.h"
#include "programs/mandos-ctl/client.h"

namespace mandos::ctl {

enum class Colours { None, Terminal }; // on a terminal the lines of disabled clients are dim

// Each line ends in a newline. Every column is padded, the last one too, as scripts that cut by columns know
// it from 1.8. Control characters, which would tear the table, are shown as "\x1b". Invalid: a client lacks a
// property.
Result<std::string> write_table(std::span<const Client> clients, std::span<const Field> fields,
                                Colours colours);

// "00:05:00", from a day on "1T01:00:00": days, hours, minutes and seconds, rounded down.
std::string write_time(std::chrono::milliseconds time);

} // namespace mandos::ctl
