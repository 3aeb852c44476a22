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
constexpr auto send_time = std::chrono::seconds(30);         // the secret
constexpr auto bye_time = std::chrono::seconds(10);          // for the peer's close_notify
constexpr auto last_delivery_time = std::chrono::seconds(5); // of a secret on its way when the server stops
// Whatever a peer does, and apart from the time that an approval takes, it is let go after this.
constexpr auto connection_time = std::chrono::seconds(90);

// Checks of clients.
constexpr auto shortest_check_limit = std::chrono::seconds(1);

// Audit records that wait for a disk which takes none; more of them are left out.
constexpr std::size_t unwritten_records = 10'000;

// What the server reads.
constexpr std::size_t secret = std::size_t{1}
                               << 20; // bytes of one client's OpenPGP message; clients read no more
constexpr std::size_t configuration_file = std::size_t{1} << 30;
constexpr auto configuration_time = std::chrono::minutes(2); // to read all of it anew
constexpr std::size_t expanded_value = std::size_t{4} << 20; // of a configuration; a secret in base64 fits
constexpr std::size_t expanded_references = 10'000; // in one of its values, with those in what they name
// What clocks of nanoseconds can add up; a configured time that is longer is taken for this.
constexpr auto time_span = std::chrono::hours(24 * 365 * 100);
constexpr auto shortest_interval = std::chrono::seconds(1); // between a client's checks
constexpr std::size_t key_file = std::size_t{1} << 20;

// What is read of the state that Mandos 1.8 left; enough for some 20,000 clients.
constexpr std::size_t state_file = std::size_t{256} << 20; // bytes, and of all texts that are taken from it
constexpr std::size_t state_values = std::size_t{8} << 20; // values in it, and references to them
constexpr std::size_t state_stack = 10'000;                // values that wait for the one that contains them

// The D-Bus interface. What the bus does not take from us is given up with the connection.
constexpr std::size_t bus_queue = std::size_t{128} << 20;  // bytes that the bus has not taken
constexpr std::size_t bus_busy = std::size_t{64} << 20;    // of them, from which on calls are refused
constexpr std::size_t bus_caller = std::size_t{16} << 20;  // of them for one caller, from which on its are
constexpr std::size_t bus_message = std::size_t{30} << 20; // bytes; dbus-daemon lets no more than 32 MiB pass
constexpr auto bus_stall = std::chrono::seconds(5);        // while the bus takes nothing
constexpr std::size_t bus_calls = 1024;                    // that wait for an answer at one time
constexpr std::size_t bus_callers = 256;                   // whose user IDs are remembered
constexpr std::size_t bus_text = std::size_t{64} << 10;    // bytes of a checker or host that is set
constexpr std::size_t log_page = 10'000;                   // records of the audit log in one answer
constexpr std::size_t log_queries = 8;                     // that wait or run at one time

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

// Network hooks of a client (programs/mandos-client/network_hooks.h), each time one of them is run.
constexpr auto network_hook_time = std::chrono::minutes(2);
constexpr auto network_hook_grace = std::chrono::seconds(2);       // from SIGTERM to SIGKILL
constexpr std::size_t network_hook_line = 1000;                    // bytes; longer ones are said in pieces
constexpr std::size_t network_hook_output = std::size_t{64} << 10; // bytes; more of them are left out

constexpr std::size_t network_settings = 64; // of one kind: --ip, --vlan, --route

// DHCP clients that a client runs (programs/mandos-client/dhcp.h).
constexpr auto dhcp_time = std::chrono::seconds(60); // for one run; then it is begun again
constexpr auto dhcp_pause = std::chrono::seconds(2); // before that
constexpr std::size_t dhcp_lease = 4096;             // bytes of what one wrote about its lease

// What the process of a client that talks to servers may ask of the one with rights over the network, and
// how long that one takes to end (programs/mandos-client/two_processes.h).
constexpr std::size_t direct_routes = 32;                         // at one time
constexpr auto route_request_pace = std::chrono::milliseconds(2); // from one request to the next
constexpr auto route_answer_time = std::chrono::seconds(2);       // longer is not waited for
constexpr auto fetcher_grace = std::chrono::seconds(2);           // from SIGTERM to SIGKILL
constexpr auto undo_time = std::chrono::seconds(10);              // for network hooks at the end
constexpr auto device_manager_time = std::chrono::seconds(5);     // for udev to name a new interface

// What a client hears of servers by Multicast DNS. What is announced is kept by who announced it, so that no
// announcer uses up what others may have; see core/discovery.h.
constexpr std::size_t dns_message = 9000;           // bytes (RFC 6762 §17)
constexpr std::size_t dns_records = 256;            // of one message; more of them are not looked at
constexpr std::size_t mdns_messages_of_source = 64; // in a second; more of them are not looked at
constexpr std::size_t mdns_messages_of_link = 2048; // the same
constexpr std::size_t mdns_links = 32;              // network interfaces that are asked on
constexpr std::size_t announcers_of_link = 64;      // that announce Mandos servers
constexpr std::size_t answerers_of_link = 32;       // of them, that can only be such as answered us
constexpr std::size_t services_of_announcer = 16;
constexpr std::size_t addresses_of_service = 8;
constexpr std::size_t dns_questions = 16;       // in one query
constexpr std::size_t questions_of_service = 4; // of them: PTR, SRV, AAAA, A

// Servers that a client tries; see core/race.h. On one link it remembers at most the sum of both kinds of
// announcers times the candidates of one.
constexpr std::size_t given_tries = 128;        // at one time, of servers that the administrator named
constexpr std::size_t found_tries = 256;        // at one time, of those that are found
constexpr std::size_t announcer_tries = 4;      // of them of one announcer
constexpr std::size_t announcer_candidates = 8; // addresses and services of one announcer
constexpr std::size_t new_announcers = 256;     // on one link, that had no turn
constexpr std::size_t known_announcers = 64;    // on one link, that had one
constexpr std::size_t told_servers = 16'384;    // found ones that wait until the race takes them, in all
constexpr auto undisturbed_try = std::chrono::seconds(1);
constexpr std::size_t found_server_lines = 20; // that people read about found ones, a minute
constexpr auto gone_server_memory = std::chrono::minutes(1);

// Checks of clients. One client has one at a time.
constexpr std::size_t checker_command = std::size_t{64} << 10; // bytes, expanded; the kernel takes 128 kB
constexpr std::size_t checker_shells = 256;             // at a time; others wait for one of them to end
constexpr auto checker_grace = std::chrono::seconds(2); // from SIGTERM to SIGKILL
constexpr std::size_t lookup_threads = 32;
constexpr auto lookup_time = std::chrono::seconds(10); // of a client's name, waiting for a thread included
constexpr std::size_t pinged_addresses = 8;            // of one client; more of them are left out
constexpr auto ping_time = std::chrono::seconds(5);
constexpr std::size_t ssh_threads = 32;
constexpr auto ssh_time = std::chrono::seconds(10); // to connect, and again until the key is there

} // namespace mandos::core::limits
