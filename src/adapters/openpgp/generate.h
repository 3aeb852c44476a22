// Making a client's OpenPGP key.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

// What librnp makes: "RSA", "DSA", "ELGAMAL" (with bits), "EDDSA" (no parameter), "ECDSA", "ECDH" (with a
// curve).
struct KeyType {
    std::string algorithm;
    unsigned bits = 0; // 0: the library's default
    std::string curve; // "NIST P-256", "Curve25519", ...; empty: none
};

struct KeyRequest {
    std::string user_id;
    std::string comment;                                          // of the armour; empty: none
    std::chrono::seconds expires_after = std::chrono::seconds(0); // 0: never
    KeyType primary = {.algorithm = "EDDSA"};
    KeyType encryption_subkey = {.algorithm = "ECDH", .curve = "Curve25519"};
    // Whether an Ed25519 authentication subkey, the TLS key, is made. Without it the primary key may
    // authenticate too, as in the keys of Mandos 1.8.
    enum class TlsKey { Subkey, None } tls_key = TlsKey::Subkey;
};

// The authentication subkey for TLS, as PEM.
struct TlsKeyPair {
    std::string public_key;
    SecretBytes private_key;
};

struct GeneratedKey {
    SecretBytes secret_key; // armoured, no passphrase
    std::string public_key; // armoured
    std::string fingerprint;
    std::optional<TlsKeyPair> tls;
};

// Unsupported: the library makes no such key; the text names the type and says why.
Result<GeneratedKey> generate_key(const KeyRequest& request);

} // namespace mandos::openpgp
