// MdnsGate: which Multicast DNS messages are worth reading, judged by where they come from and how many came,
// before a byte of them is looked at. Responses come from port 5353 (RFC 6762 §6) with a hop limit of 255
// (§11), which no router passes on: what does not was sent by somebody who is not on the link. One source
// that floods has its own messages dropped; a link flooded from many sources never costs more than its
// limit, and announcements without number use up nothing of what answers may have. Limits are in limits.h.
// Used by core/discovery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "core/ip_address.h"
#include "core/time.h"

namespace mandos::core {

// Where a message came from.
struct MdnsOrigin {
    std::uint32_t link = 0; // the index of the network interface that it came in by
    IpAddress source;
    std::uint16_t port = 0;
    int hop_limit = 0; // IPv4: time to live
    // Answer: it came to the port that asked. Announcement: it went to all on the link.
    enum class Path { Answer, Announcement } path = Path::Answer;
};

class MdnsGate {
  public:
    enum class Verdict { Taken, NotFromResponder, OffLink, TooMany };

    Verdict judge(const MdnsOrigin& origin, Time now);
    void link_gone(std::uint32_t link);

  private:
    // Messages within one second.
    struct Second {
        Time begin;
        std::size_t in_all = 0;
        std::map<IpAddress, std::size_t> by_source; // not more of them than messages
    };

    std::map<std::pair<std::uint32_t, MdnsOrigin::Path>, Second> links_;
};

} // namespace mandos::core
