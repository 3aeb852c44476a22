// The four key files of a client in their directory, replaced as one: all of them are new, or all are as they
// were.
#pragma once

#include <string>

#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::keygen {

struct KeySet {
    SecretBytes openpgp_secret;
    std::string openpgp_public;
    SecretBytes tls_private;
    std::string tls_public;
};

struct KeyPaths {
    explicit KeyPaths(const std::string& directory)
        : openpgp_secret(directory + "/seckey.txt"),
          openpgp_public(directory + "/pubkey.txt"),
          tls_private(directory + "/tls-privkey.pem"),
          tls_public(directory + "/tls-pubkey.pem") {}

    std::string openpgp_secret, openpgp_public, tls_private, tls_public;
};

enum class IfThere { Refuse, Replace };

// Writes KEYS into DIRECTORY with mode 0600. Files that are there stay as numbered backups, "seckey.txt.~1~",
// since the initramfs has them until it is made anew, and servers know them until they are told of the new
// ones. Denied: there are keys already, and IF_THERE is Refuse. On every error the old set is whole and no
// new file is left.
Result<void> write_key_set(const KeySet& keys, const std::string& directory, IfThere if_there);

// Denied: one of the four files is there.
Result<void> refuse_existing(const std::string& directory);

} // namespace mandos::keygen
