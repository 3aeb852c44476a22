// GnuTLS as a test uses it, without src/adapters/tls: keys, credentials and priorities for peers that must
// not share a mistake with what they test. Whatever fails here is a broken test, so it ends the program
// (check()). Used by scripted_peer and by tests/bench.
#pragma once

#include <string>

#include <gnutls/gnutls.h>

#include "base/handle.h"

namespace mandos::support {

using Credentials = Handle<gnutls_certificate_credentials_st, gnutls_certificate_free_credentials>;
using Priorities = Handle<gnutls_priority_st, gnutls_priority_deinit>;
using Session = Handle<gnutls_session_int, gnutls_deinit>;

// What Mandos 1.8 gives to gnutls_priority_set_direct() on both sides, and what it does not say there.
inline constexpr const char* priority_of_1_8 =
    "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA";
inline constexpr unsigned flags_of_1_8 = GNUTLS_ENABLE_RAWPK | GNUTLS_NO_TICKETS;

struct KeyPair {
    std::string public_pem;
    std::string private_pem;
};

KeyPair make_ed25519_keys();

Priorities parse_priority(const std::string& text);
Credentials no_credentials();
Credentials raw_key_credentials(const KeyPair& keys);
// A certificate made up on the spot, signed by itself, for who does TLS as everybody else.
Credentials x509_credentials();

} // namespace mandos::support
