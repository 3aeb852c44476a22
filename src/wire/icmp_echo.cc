#include "wire/icmp_echo.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace mandos::wire {

namespace {

constexpr std::size_t message_size = 16; // type, code, checksum, identifier, sequence, token
constexpr std::size_t checksum_at = 2;
constexpr std::size_t identifier_at = 4;
constexpr std::size_t sequence_at = 6;
constexpr std::size_t token_at = 8;
constexpr unsigned bits_of_a_byte = 8;

std::byte request_type(IpVersion version) {
    return version == IpVersion::V4 ? std::byte{8} : std::byte{128};
}

std::byte reply_type(IpVersion version) {
    return version == IpVersion::V4 ? std::byte{0} : std::byte{129};
}

// Big-endian.
template <class Number>
void put(Bytes& message, std::size_t at, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i)
        message[at + i] = static_cast<std::byte>(number >> (bits_of_a_byte * (sizeof number - 1 - i)));
}

template <class Number>
Number get(ByteView message, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number = number << bits_of_a_byte | std::to_integer<std::uint64_t>(message[at + i]);
    return static_cast<Number>(number);
}

// RFC 1071: the complement of the sum in ones' complement; 0 over a message that has a right one in it.
std::uint16_t checksum(ByteView message) {
    constexpr unsigned bits = 16;
    constexpr std::uint32_t low = 0xFFFF;
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at + 1 < message.size(); at += 2)
        sum += get<std::uint16_t>(message, at);
    while (sum > low)
        sum = (sum & low) + (sum >> bits);
    return static_cast<std::uint16_t>(~sum);
}

} // namespace

Bytes write_echo_request(const Echo& echo, IpVersion version) {
    Bytes message(message_size);
    message[0] = request_type(version);
    put(message, identifier_at, echo.identifier);
    put(message, sequence_at, echo.sequence);
    put(message, token_at, echo.token);
    if (version == IpVersion::V4)
        put(message, checksum_at, checksum(message));
    return message;
}

std::optional<Echo> read_echo_reply(ByteView message, IpVersion version) {
    if (message.size() != message_size || message[0] != reply_type(version) || message[1] != std::byte{0})
        return std::nullopt;
    if (version == IpVersion::V4 && checksum(message) != 0)
        return std::nullopt;
    return Echo{.identifier = get<std::uint16_t>(message, identifier_at),
                .sequence = get<std::uint16_t>(message, sequence_at),
                .token = get<std::uint64_t>(message, token_at)};
}

std::optional<ByteView> without_ipv4_header(ByteView packet) {
    constexpr std::size_t smallest = 20;
    constexpr std::size_t words = 4; // the length is counted in them
    constexpr std::byte length_bits{0x0F};
    if (packet.size() < smallest)
        return std::nullopt;
    const std::size_t header = std::to_integer<std::size_t>(packet[0] & length_bits) * words;
    if (header < smallest || header > packet.size())
        return std::nullopt;
    return packet.subspan(header);
}

} // namespace mandos::wire
