// The key files of this client, read once at the start.
#pragma once

#include <string>

#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::client {

struct KeyFiles {
    std::string openpgp_public = "/conf/conf.d/mandos/pubkey.txt";
    std::string openpgp_secret = "/conf/conf.d/mandos/seckey.txt";
    std::string tls_public = "/conf/conf.d/mandos/tls-pubkey.pem";
    std::string tls_private = "/conf/conf.d/mandos/tls-privkey.pem";
};

struct Keys {
    tls::KeyPair tls;
    SecretBytes openpgp_secret; // armoured
};

// Errors name the file that cannot be read or is no key of its kind.
Result<Keys> read_keys(const KeyFiles& files);

} // namespace mandos::client
