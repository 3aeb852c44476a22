#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

Result<void> check_secret_key(const SecretBytes& armoured_secret_key) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    MANDOS_TRY(import_keys(engine, armoured_secret_key.reveal()));
    const Key key = MANDOS_TRY(only_primary_key(engine));
    bool is_secret = false;
    if (rnp_key_have_secret(key.get(), &is_secret) != RNP_SUCCESS || !is_secret)
        return fail(ErrorKind::Invalid, "the OpenPGP key is a public one; expected the secret key");
    bool is_protected = false;
    if (rnp_key_is_protected(key.get(), &is_protected) != RNP_SUCCESS || is_protected)
        return fail(ErrorKind::Invalid, "the OpenPGP key has a passphrase; expected one without");
    return {};
}

} // namespace mandos::openpgp
