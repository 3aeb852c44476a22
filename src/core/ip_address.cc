#include "core/ip_address.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/peer_address.h"

namespace mandos::core {

namespace {

constexpr std::size_t mapped_prefix = 12;

bool is_mapped(const IpAddress& address) {
    const auto* const bytes = address.bytes.data();
    return std::all_of(bytes, bytes + 10, [](std::byte byte) { return byte == std::byte{0}; })
           && bytes[10] == std::byte{0xff} && bytes[11] == std::byte{0xff};
}

} // namespace

IpAddress IpAddress::from_v4(const std::array<std::byte, 4>& bytes) {
    IpAddress address;
    address.bytes[10] = address.bytes[11] = std::byte{0xff};
    std::ranges::copy(bytes, address.bytes.begin() + mapped_prefix);
    return address;
}

bool IpAddress::is_ipv4() const {
    return is_mapped(*this);
}

bool IpAddress::is_ipv6_link_local() const {
    return bytes[0] == std::byte{0xfe} && (bytes[1] & std::byte{0xc0}) == std::byte{0x80};
}

bool IpAddress::is_reachable_host() const {
    if (is_ipv4()) {
        // RFC 1122 §3.2.1.3: 0/8 is "this host", 127/8 loopback; from 224 on multicast, reserved, broadcast.
        const auto first = std::to_integer<unsigned>(bytes[mapped_prefix]);
        return first != 0 && first != 127 && first < 224;
    }
    // RFC 4291 §2.4: :: and ::1, with all else that begins with eight zero bytes (mapped ones are above);
    // ff00::/8 is multicast.
    const bool zeros =
        std::all_of(bytes.begin(), bytes.begin() + 8, [](std::byte byte) { return byte == std::byte{0}; });
    return !zeros && bytes[0] != std::byte{0xff};
}

std::string IpAddress::text() const {
    return PeerAddress{.ip = bytes, .scope = {}, .port = 0}.host();
}

} // namespace mandos::core
