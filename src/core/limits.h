// Every number that a peer or a user can drive, in one place. Reaching one refuses the newcomer, with a line
// in the log, and never harms those who are in. Each has a test.
#pragma once

#include <chrono>
#include <cstddef>

namespace mandos::core::limits {

// Connections to the server.
constexpr std::size_t connections = 4096;             // held at one time
constexpr std::size_t connections_per_source = 256;   // of them from one address
constexpr std::size_t connections_per_network = 2048; // of them from one network, see core/admission.h
constexpr std::size_t protocol_line = 64;             // bytes before the handshake, line ending included
// Bytes of one peer's TLS, from the handshake to its goodbye; an honest one sends half a kB, with the largest
// keys some 10 kB.
constexpr std::size_t talk_of_a_client = std::size_t{64} << 10;
constexpr auto protocol_line_time = std::chrono::seconds(10);
constexpr auto handshake_time = std::chrono::seconds(20);
constexpr auto send_time = std::chrono::seconds(30); // the secret
constexpr auto bye_time = std::chrono::seconds(10);  // for the peer's close_notify
// Whatever a peer does, and apart from the time that an approval takes, it is let go after this.
constexpr auto connection_time = std::chrono::seconds(90);

// What the server reads.
constexpr std::size_t secret = std::size_t{1}
                               << 20; // bytes of one client's OpenPGP message; clients read no more
constexpr std::size_t configuration_file = std::size_t{1} << 30;
constexpr std::size_t expanded_value = std::size_t{4} << 20; // of a configuration; a secret in base64 fits
constexpr std::size_t expanded_references = 10'000; // in one of its values, with those in what they name
// What clocks of nanoseconds can add up; a configured time that is longer is taken for this.
constexpr auto time_span = std::chrono::hours(24 * 365 * 100);
constexpr std::size_t key_file = std::size_t{1} << 20;

// What a client takes from a server.
constexpr std::size_t answer = secret;                  // bytes, as received
constexpr std::size_t talk_of_a_server = 3 * answer;    // the same with all that TLS adds
constexpr std::size_t password = std::size_t{1} << 20;  // bytes, as decrypted
constexpr auto connect_time = std::chrono::seconds(10); // TCP
constexpr auto resolve_time = std::chrono::seconds(10); // a name
constexpr auto answer_handshake_time = std::chrono::seconds(20);
// To the first byte of the answer: somebody may have to approve first. Costs nothing: others are tried
// meanwhile.
constexpr auto answer_wait_time = std::chrono::minutes(15);
constexpr auto answer_time = std::chrono::seconds(60); // from then on to its end
constexpr auto decrypt_time = std::chrono::seconds(30);
constexpr auto delivery_time = std::chrono::seconds(30); // of the password to standard output

} // namespace mandos::core::limits
