#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <gnutls/gnutls.h>
#include <sys/socket.h>

#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/key_id.h"

namespace mandos::tls {

namespace {

// Made with certtool for this test; they protect nothing.
constexpr std::string_view test_private_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIMenhn73PeawzozyUCbS9+9dBj65GXrdV/6jZRbjoKon\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view test_public_key = "-----BEGIN PUBLIC KEY-----\n"
                                             "MCowBQYDK2VwAyEAKHJomHQr4HO+IRhbFc1tq4Y2qXcxw7IzDDtcwR7YXLI=\n"
                                             "-----END PUBLIC KEY-----\n";
constexpr std::string_view test_key_id = "A63B0D1A3DAF451CC13D4B3699482028AE5D9C21F25730EE0AF011AB43FC6E63";
// RFC 8032 §7.1, TEST 1: a public key whose private half is not the one above.
constexpr std::string_view other_public_key = "-----BEGIN PUBLIC KEY-----\n"
                                              "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                                              "-----END PUBLIC KEY-----\n";

struct Pair {
    UniqueFd first;
    UniqueFd second;
};

Result<Pair> connected_sockets() {
    std::array<int, 2> fds{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) != 0)
        return fail_errno(errno, "cannot make a pair of sockets");
    return Pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// The key ID that a Mandos server sees when a client with PUBLIC_KEY and the test's private key connects.
Result<core::KeyId> shake_hands(std::string_view public_key) {
    const Context server_context = MANDOS_TRY(Context::for_mandos_server(default_priority));
    const KeyPair keys{.public_key_pem = std::string(public_key),
                       .private_key_pem = SecretBytes::copy_of(as_bytes(test_private_key))};
    const Context client_context = MANDOS_TRY(Context::for_mandos_client(default_priority, keys));
    const Pair sockets = MANDOS_TRY(connected_sockets());
    Session server = MANDOS_TRY(Session::create(server_context, sockets.first.get()));
    Session client = MANDOS_TRY(Session::create(client_context, sockets.second.get()));

    constexpr int turns = 16; // a handshake takes three
    for (int turn = 0; turn < turns; ++turn) {
        const Progress progress = MANDOS_TRY(server.handshake());
        if (progress == Progress::Done)
            return server.peer_key_id();
        (void)client.handshake(); // what it fails of shows on the server's side
    }
    return fail(ErrorKind::System, "the handshake does not end");
}

} // namespace

Result<void> self_test() {
    const core::KeyId of_nothing = key_id_of_spki({});
    if (!of_nothing.is_of_nothing())
        return fail(ErrorKind::System, "GnuTLS {}: SHA-256 of nothing is {}", gnutls_check_version(nullptr),
                    of_nothing.text());
    const core::KeyId seen =
        MANDOS_TRY_IN("TLS handshake with a raw public key", shake_hands(test_public_key));
    if (seen.text() != test_key_id)
        return fail(ErrorKind::System, "GnuTLS {}: a known key has the key ID {}, expected {}",
                    gnutls_check_version(nullptr), seen.text(), test_key_id);
    if (const auto forged = shake_hands(other_public_key); forged)
        return fail(ErrorKind::System,
                    "GnuTLS {}: a peer without the private key of its public key was accepted",
                    gnutls_check_version(nullptr));
    return {};
}

} // namespace mandos::tls
