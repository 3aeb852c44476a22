#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/der.h"
#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"

namespace mandos::openpgp {

Result<Identity> read_identity(std::string_view armoured_public_key) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    MANDOS_TRY(import_keys(engine, as_bytes(armoured_public_key)));
    const Key primary = MANDOS_TRY(only_primary_key(engine));
    bool has_secret = false;
    check(rnp_key_have_secret(primary.get(), &has_secret) == RNP_SUCCESS,
          "librnp knows whether a key is secret");
    if (has_secret)
        return fail(ErrorKind::Invalid,
                    "this is a secret key, which belongs to the client alone; expected its public key "
                    "(pubkey.txt)");
    Identity identity;
    char* fingerprint = nullptr;
    check(rnp_key_get_fprint(primary.get(), &fingerprint) == RNP_SUCCESS, "every key has a fingerprint");
    identity.fingerprint = Text(fingerprint).get();

    std::size_t count = 0;
    check(rnp_key_get_subkey_count(primary.get(), &count) == RNP_SUCCESS, "subkeys can be counted");
    for (std::size_t i = 0; i < count; ++i) {
        rnp_key_handle_t raw = nullptr;
        if (rnp_key_get_subkey_at(primary.get(), i, &raw) != RNP_SUCCESS)
            continue;
        const Key subkey(raw);
        if (!is_tls_key(subkey))
            continue;
        if (identity.tls_spki)
            return fail(ErrorKind::Invalid,
                        "the key has more than one usable Ed25519 authentication subkey; expected "
                        "one, which is the TLS key. Give key_id instead, or revoke the old one");
        identity.tls_spki = spki_of_ed25519(MANDOS_TRY(ed25519_public(subkey)));
    }
    return identity;
}

} // namespace mandos::openpgp
