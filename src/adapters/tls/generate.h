// Making a TLS key pair that has nothing to do with an OpenPGP key, as certtool makes it for Mandos 1.8.
#pragma once

#include <string>
#include <string_view>

#include "adapters/tls/tls.h"
#include "base/error.h"

namespace mandos::tls {

// TYPE: "ed25519", "ed448", "ecdsa" or "rsa", in any case, as large as GnuTLS's security parameter "ultra"
// wants it. Invalid: another word.
Result<KeyPair> generate_key_pair(std::string_view type);

} // namespace mandos::tls
