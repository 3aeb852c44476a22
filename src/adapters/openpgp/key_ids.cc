#include <string_view>
#include <vector>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/hex.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

Result<std::vector<Bytes>> key_ids(const SecretBytes& armoured_secret_key) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    MANDOS_TRY(import_keys(engine, armoured_secret_key.reveal()));
    rnp_identifier_iterator_t raw = nullptr;
    check(rnp_identifier_iterator_create(engine.get(), &raw, "keyid") == RNP_SUCCESS,
          "keys can be listed by key ID");
    const Handle<rnp_identifier_iterator_st, rnp_identifier_iterator_destroy> iterator(raw);
    std::vector<Bytes> ids;
    const char* digits = nullptr;
    while (rnp_identifier_iterator_next(raw, &digits) == RNP_SUCCESS && digits != nullptr)
        ids.push_back(MANDOS_TRY(from_hex(digits)));
    return ids;
}

} // namespace mandos::openpgp
