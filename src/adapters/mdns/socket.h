// The sockets of Multicast DNS on one link by one version of IP: one with a port of its own asks, and is
// answered at once and by itself (RFC 6762 §5.1, §6.7); one on port 5353, which any number of programs share,
// hears what servers say to all: announcements and goodbyes. Neither needs a privilege. What comes by another
// link is never handed on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/discovery.h"
#include "core/mdns_gate.h"

namespace mandos::mdns {

struct Place {
    std::uint32_t link = 0; // index of the network interface
    core::Discovery::Family family = core::Discovery::Family::V6;
};

// Non-blocking. System, Denied, NotFound: there is no such link, or it has no such IP.
Result<UniqueFd> open_asking_socket(const Place& place);
Result<UniqueFd> open_listening_socket(const Place& place);

// To all on the link, port 5353. System: the kernel's reason; among them that there is no address to send
// from: EADDRNOTAVAIL, ENETUNREACH, for IPv4 found out by asking.
Result<void> send_to_all(int socket, const Place& place, ByteView message);

struct Received {
    ByteView message; // in the buffer; empty where it was too long for it or came by another link
    core::MdnsOrigin origin;
};

// The next message that waits; nothing: there is none. BUFFER outlives what is returned.
std::optional<Received> receive(int socket, const Place& place, std::span<std::byte> buffer);

} // namespace mandos::mdns
