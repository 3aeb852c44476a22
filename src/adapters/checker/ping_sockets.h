// PingSockets: what ICMP echo requests go out by and replies come in by, one socket for each version of IP.
// Opened while the process may (before it gives up root), used by a Pinger afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::checker {

struct PingSocket {
    enum class Kind {
        Datagram, // icmp(7): open to the groups of net.ipv4.ping_group_range; the kernel sets the identifier
        Raw,      // needs CAP_NET_RAW; gets everybody's replies
    };
    UniqueFd fd; // non-blocking; none: MISSING says why
    Kind kind = Kind::Datagram;
    std::uint16_t identifier = 0; // of each request
    std::string missing;
};

struct PingSockets {
    PingSocket v4;
    PingSocket v6;

    // Denied, System: there is no socket of either kind for either version. One version may be missing.
    static Result<PingSockets> open();
};

} // namespace mandos::checker
