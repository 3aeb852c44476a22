// One packet on the socket between mandos-client's two processes (two_processes.h). Never waits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/helper_message.h"

namespace mandos::client {

enum class Sent : std::uint8_t { Yes, NotNow, Never };
Sent send_packet(int channel, const wire::HelperMessage& message);

// What came: of a longer packet more than a message has, so that it is none.
using Packet = std::array<std::byte, wire::helper_message + 1>;

// The packet that waits, in BUFFER; nothing: none waits. PeerClosed: the other process has ended.
Result<std::optional<ByteView>> receive_packet(int channel, Packet& buffer);

} // namespace mandos::client
