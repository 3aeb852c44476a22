// The two DER structures of an Ed25519 key (RFC 8410 §4 and §7), which are a fixed beginning and 32 bytes;
// and PEM around them (RFC 7468).
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

// SubjectPublicKeyInfo of the 32 bytes of a public key.
Bytes spki_of_ed25519(ByteView public_key);

// "BEGIN PUBLIC KEY" and "BEGIN PRIVATE KEY" (PKCS#8), byte for byte as certtool writes them.
std::string public_pem_of_ed25519(ByteView public_key);
SecretBytes private_pem_of_ed25519(const SecretBytes& seed);

} // namespace mandos::openpgp
