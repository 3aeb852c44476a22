#include <cstddef>
#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/decryption.h"
#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

// Whether one of the recipients is hidden: key ID zero, a wildcard (RFC 9580 §5.1).
bool hides_recipient(const Decryption& decryption) {
    std::size_t count = 0;
    check(rnp_op_verify_get_recipient_count(decryption.get(), &count) == RNP_SUCCESS,
          "librnp counts recipients");
    for (std::size_t i = 0; i < count; ++i) {
        rnp_recipient_handle_t recipient = nullptr;
        char* raw = nullptr;
        if (rnp_op_verify_get_recipient_at(decryption.get(), i, &recipient) != RNP_SUCCESS
            || rnp_recipient_get_keyid(recipient, &raw) != RNP_SUCCESS)
            continue;
        const Text key_id(raw);
        if (std::string_view(raw).find_first_not_of('0') == std::string_view::npos)
            return true;
    }
    return false;
}

Result<void> judge(const Decryption& decryption, rnp_result_t code) {
    if (code == RNP_ERROR_NO_SUITABLE_KEY && hides_recipient(decryption))
        return fail(ErrorKind::Unsupported,
                    "the message hides whom it is for, and librnp {} cannot read that; encrypt it without "
                    "gpg's --throw-keyids and --hidden-recipient",
                    rnp_version_string());
    if (code == RNP_ERROR_NO_SUITABLE_KEY)
        return fail(ErrorKind::Denied, "the message is not encrypted to this key");
    if (code != RNP_SUCCESS)
        return {};
    rnp_recipient_handle_t recipient = nullptr;
    check(rnp_op_verify_get_used_recipient(decryption.get(), &recipient) == RNP_SUCCESS,
          "librnp tells which recipient it decrypted as");
    if (recipient == nullptr)
        return fail(ErrorKind::Invalid, "the message is not encrypted to a key");
    return {};
}

} // namespace

Result<SecretBytes> decrypt(ByteView message, const SecretBytes& armoured_secret_key, std::size_t limit) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    MANDOS_TRY_IN("secret key", import_keys(engine, armoured_secret_key.reveal()));
    return run_decryption(engine, message, limit, judge);
}

} // namespace mandos::openpgp
