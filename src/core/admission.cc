#include "core/admission.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

#include "base/check.h"
#include "base/error.h"
#include "core/peer_address.h"

namespace mandos::core {

namespace {

using Address = std::array<std::byte, 16>;

Address network_of(const PeerAddress& peer) {
    constexpr std::ptrdiff_t ipv4_host_bytes = 1;
    constexpr std::ptrdiff_t ipv6_host_bytes = 8;
    Address network = peer.ip;
    std::fill(network.end() - (peer.is_ipv4() ? ipv4_host_bytes : ipv6_host_bytes), network.end(),
              std::byte{0});
    return network;
}

std::size_t count_in(const std::map<Address, std::size_t>& counts, const Address& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
}

void count_out(std::map<Address, std::size_t>& counts, const Address& key) {
    const auto found = counts.find(key);
    check(found != counts.end(), "who leaves has entered");
    if (--found->second == 0)
        counts.erase(found);
}

} // namespace

Result<void> Admission::enter(const PeerAddress& peer) {
    const Address network = network_of(peer);
    if (connections_ >= limits_.in_all)
        return fail(ErrorKind::Exhausted, "the limit of {} connections is reached", limits_.in_all);
    if (count_in(by_address_, peer.ip) >= limits_.from_one_address)
        return fail(ErrorKind::Exhausted, "the limit of {} connections from one address is reached",
                    limits_.from_one_address);
    if (count_in(by_network_, network) >= limits_.from_one_network)
        return fail(ErrorKind::Exhausted, "the limit of {} connections from one network is reached",
                    limits_.from_one_network);
    ++connections_;
    ++by_address_[peer.ip];
    ++by_network_[network];
    return {};
}

void Admission::left(const PeerAddress& peer) {
    count_out(by_address_, peer.ip);
    count_out(by_network_, network_of(peer));
    --connections_;
}

} // namespace mandos::core
