// What is kept of the clients over a restart, and how deadlines come out of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/client.h"
#include "core/life.h"
#include "core/time.h"

namespace mandos::core {

enum class Origin : std::uint8_t {
    Configuration, // goes when the configuration no longer has it
    Runtime,       // added by an administrator while the server ran
};

struct StoredClient {
    ClientSettings settings;   // in force
    ClientSettings configured; // as the configuration last said
    Origin origin = Origin::Configuration;
    Life life;
    Now saved; // when LIFE was written
};

struct StoredState {
    std::vector<StoredClient> clients;
    std::vector<std::string> removed; // by an administrator: they stay away while the configuration has them
    bool locked_down = false;
    bool stopped_cleanly = false; // else the server was killed, or the machine lost its power
    bool first_start = false;     // nothing was ever stored: none of this means anything
    bool same_boot = false;       // the boot-time clock has run on since it was written
};

// DEADLINE, as it was at SAVED, on the clocks of today. It never moves away from what was left of it when it
// was saved, whatever the wall clock says meanwhile: an unset clock gives nobody more time.
Deadline restored(const Deadline& deadline, Now saved, Now now, bool same_boot);

// The same for the end of what keeps a client out: no wall clock brings it nearer either. After another boot
// all that was left of it when it was saved is left again.
Deadline restored_denial(const Deadline& end, Now saved, Now now, bool same_boot);

} // namespace mandos::core
