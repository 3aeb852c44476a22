// ICMP echo messages (RFC 792; RFC 4443 section 4), as values. Only what a ping needs: an 8-byte token is all
// that a request carries besides its identifier and sequence number. Used by adapters/checker.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace mandos::wire {

enum class IpVersion { V4, V6 };

struct Echo {
    std::uint16_t identifier = 0;
    std::uint16_t sequence = 0;
    std::uint64_t token = 0; // not to be guessed

    bool operator==(const Echo&) const = default;
};

// An echo request, 16 bytes, with its checksum for V4; for V6 the kernel fills that in (RFC 3542
// section 3.1).
Bytes write_echo_request(const Echo& echo, IpVersion version);

// The echo reply that MESSAGE is (from its ICMP header on), or nothing: something else, too short, or with
// more or less in it than a request of ours.
std::optional<Echo> read_echo_reply(ByteView message, IpVersion version);

// What follows the IPv4 header in PACKET, as a raw socket gives it; nothing where it is none.
std::optional<ByteView> without_ipv4_header(ByteView packet);

} // namespace mandos::wire
