#include "core/peer_address.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mandos::core {

namespace {

constexpr std::array<std::byte, 12> ipv4_prefix{std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                                std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                                std::byte{0}, std::byte{0}, std::byte{0xFF}, std::byte{0xFF}};

} // namespace

bool PeerAddress::is_ipv4() const {
    return std::equal(ipv4_prefix.begin(), ipv4_prefix.end(), ip.begin());
}

bool PeerAddress::is_loopback() const {
    if (is_ipv4())
        return ip[ipv4_prefix.size()] == std::byte{127};
    return ip.back() == std::byte{1}
           && std::all_of(ip.begin(), ip.end() - 1, [](std::byte byte) { return byte == std::byte{0}; });
}

std::string PeerAddress::host() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (is_ipv4())
        return inet_ntop(AF_INET, &ip[ipv4_prefix.size()], buffer.data(), buffer.size());
    std::string text = inet_ntop(AF_INET6, ip.data(), buffer.data(), buffer.size());
    if (!scope.empty())
        text += "%" + scope;
    return text;
}

std::string PeerAddress::text() const {
    return is_ipv4() ? fmt::format("{}:{}", host(), port) : fmt::format("[{}]:{}", host(), port);
}

} // namespace mandos::core
