// A machine whose clock was never set (no battery, January 1970): keys made later would be from the future,
// and not usable. The time of a key file is nearer to the truth, and is what Mandos has always taken.
#pragma once

#include <ctime>
#include <initializer_list>
#include <optional>

#include "programs/mandos-client/key_files.h"

namespace mandos::client {

// What a clock that says NOW is to be set to; FILES: when each was changed, the first that is later counts.
// Nothing: the clock may be right.
std::optional<std::time_t> better_time(std::time_t now,
                                       std::initializer_list<std::optional<std::time_t>> files);

// Sets this machine's clock, where it was never set, by the files of the OpenPGP key. Takes CAP_SYS_TIME;
// says so where that is missing.
void set_clock_by(const KeyFiles& files);

} // namespace mandos::client
