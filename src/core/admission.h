// Admission: how many connections the server holds, in all, from one address and from one network. Who would
// go over a limit is turned away; nobody who is in is harmed. Limits are in limits.h. A network is an IPv4
// /24 or an IPv6 /64 (all of one link for link-local addresses): whoever has one of those must not be able to
// shut everybody else out by using all of its addresses.
#pragma once

#include <array>
#include <cstddef>
#include <map>

#include "base/error.h"
#include "core/limits.h"
#include "core/peer_address.h"

namespace mandos::core {

class Admission {
  public:
    struct Limits {
        std::size_t in_all = limits::connections;
        std::size_t from_one_address = limits::connections_per_source;
        std::size_t from_one_network = limits::connections_per_network;
    };

    explicit Admission(const Limits& limits) : limits_(limits) {}

    // Counts a connection from PEER in, until left(PEER). Exhausted: a limit is reached; the text says which.
    Result<void> enter(const PeerAddress& peer);
    // Each PEER that entered leaves once.
    void left(const PeerAddress& peer);

    std::size_t connections() const { return connections_; }

  private:
    using Address = std::array<std::byte, 16>;

    Limits limits_;
    std::size_t connections_ = 0;
    std::map<Address, std::size_t> by_address_;
    std::map<Address, std::size_t> by_network_;
};

} // namespace mandos::core
