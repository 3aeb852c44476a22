// OpenPGP by librnp: reading and making keys, encrypting to a client, decrypting as one.
// No agent, no home directory, no process; each call has an engine (rnp_ffi) of its own, so that any thread
// may call. Not for checking signatures: the server's answer is protected by TLS and by being readable to one
// client only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

// What a client's OpenPGP public key says about it.
struct Identity {
    std::string fingerprint; // of the primary key: upper-case hexadecimal digits (40 for a version 4 key)
    // The Ed25519 authentication subkey as DER SubjectPublicKeyInfo (RFC 8410 §4): what TLS proves. Nothing
    // where the key has no such subkey, as those of Mandos 1.8.
    std::optional<Bytes> tls_spki;
};

// Reads one armoured public key. Invalid: not armour, not exactly one public key, a secret key (which has no
// business on a server), or more than one usable Ed25519 authentication subkey. A clock that is behind the
// key does no harm.
Result<Identity> read_identity(std::string_view armoured_public_key);

// That decrypt() can use ARMOURED_SECRET_KEY. Invalid: it cannot be read, is no secret key, has a passphrase,
// or there are several. Its times do not matter: a machine may start without a clock.
Result<void> check_secret_key(const SecretBytes& armoured_secret_key);

// The key IDs of ARMOURED_SECRET_KEY and its subkeys, 8 bytes each: what messages to it name (RFC 9580 §5.1).
// Invalid: no OpenPGP key can be read.
Result<std::vector<Bytes>> key_ids(const SecretBytes& armoured_secret_key);

// Decrypts MESSAGE (binary or armoured) with ARMOURED_SECRET_KEY (no passphrase).
// Invalid: no OpenPGP message, changed or cut short; Denied: not encrypted to this key;
// Unsupported: encrypted to somebody who is not named in it, as the library cannot read it;
// Exhausted: more than LIMIT bytes come out. What was decrypted until then is wiped.
Result<SecretBytes> decrypt(ByteView message, const SecretBytes& armoured_secret_key, std::size_t limit);

// Decrypts MESSAGE (binary), which `gpg --symmetric` made, with PASSPHRASE, of any length (librnp itself
// takes no more than 255 bytes). Takes as long as gpg made it take: some 0.1 s. Denied: another passphrase;
// Invalid: no such message, changed or cut short; Unsupported: encrypted in another way than gpg does by
// itself; Exhausted: more than LIMIT bytes come out.
Result<SecretBytes> decrypt_with_passphrase(ByteView message, const SecretBytes& passphrase,
                                            std::size_t limit);

// Encrypts PLAINTEXT to the encryption subkey of ARMOURED_KEY (a secret or public key) and, where it is a
// secret key, signs it with that, as Mandos' keygen always did. The message is binary.
Result<Bytes> encrypt_to_self(const SecretBytes& plaintext, const SecretBytes& armoured_key);

// Known-answer tests of the library: that a fixed message to a fixed key decrypts, and a changed one does
// not.
Result<void> self_test();

} // namespace mandos::openpgp
