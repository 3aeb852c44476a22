// How mandos-ctl ends, as 1.8 does; scripts ask for it.
#pragma once

namespace mandos::ctl {

enum Status : int {
    Success = 0,
    Failure = 1, // no server, no such client, not allowed; --is-enabled: it is not
    Usage = 2,   // the command line is wrong; nothing was done
};

} // namespace mandos::ctl
