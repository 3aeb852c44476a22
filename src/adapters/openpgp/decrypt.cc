#include <cstddef>
#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

using Operation = Handle<rnp_op_verify_st, rnp_op_verify_destroy>;

// Whether one of the recipients is hidden: key ID zero, a wildcard (RFC 9580 §5.1).
bool hides_recipient(const Operation& operation) {
    std::size_t count = 0;
    check(rnp_op_verify_get_recipient_count(operation.get(), &count) == RNP_SUCCESS,
          "librnp counts recipients");
    for (std::size_t i = 0; i < count; ++i) {
        rnp_recipient_handle_t recipient = nullptr;
        char* raw = nullptr;
        if (rnp_op_verify_get_recipient_at(operation.get(), i, &recipient) != RNP_SUCCESS
            || rnp_recipient_get_keyid(recipient, &raw) != RNP_SUCCESS)
            continue;
        const Text key_id(raw);
        if (std::string_view(raw).find_first_not_of('0') == std::string_view::npos)
            return true;
    }
    return false;
}

Result<void> check_protection(const Operation& operation) {
    char* raw_mode = nullptr;
    char* raw_cipher = nullptr;
    bool intact = false;
    check(rnp_op_verify_get_protection_info(operation.get(), &raw_mode, &raw_cipher, &intact) == RNP_SUCCESS,
          "librnp tells how a message was protected");
    const Text mode_owner(raw_mode);
    const Text cipher_owner(raw_cipher);
    rnp_recipient_handle_t recipient = nullptr;
    check(rnp_op_verify_get_used_recipient(operation.get(), &recipient) == RNP_SUCCESS,
          "librnp tells which recipient it decrypted as");
    if (recipient == nullptr || std::string_view(raw_mode) == "none")
        return fail(ErrorKind::Invalid, "the message is not encrypted to a key");
    if (!intact)
        return fail(ErrorKind::Invalid, "the message has no protection against changes, or was changed");
    return {};
}

} // namespace

Result<SecretBytes> decrypt(ByteView message, const SecretBytes& armoured_secret_key, std::size_t limit) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    MANDOS_TRY_IN("secret key", import_keys(engine, armoured_secret_key.reveal()));

    const Input input = MANDOS_TRY_IN("message", input_from(message));
    SecretSink sink(limit);
    const Output output = sink.output();
    rnp_op_verify_t raw = nullptr;
    check(rnp_op_verify_create(&raw, engine.get(), input.get(), output.get()) == RNP_SUCCESS,
          "there is memory for a decryption");
    const Operation operation(raw);
    // Who signed it says nothing that being readable to this key alone does not.
    check(rnp_op_verify_set_flags(raw, RNP_VERIFY_IGNORE_SIGS_ON_DECRYPT) == RNP_SUCCESS,
          "librnp can leave signatures aside");
    const rnp_result_t code = rnp_op_verify_execute(raw);
    if (sink.exceeded())
        return fail(ErrorKind::Exhausted, "more than {} bytes come out of the message", limit);
    if (code == RNP_ERROR_NO_SUITABLE_KEY && hides_recipient(operation))
        return fail(ErrorKind::Unsupported,
                    "the message hides whom it is for, and librnp {} cannot read that; encrypt it without "
                    "gpg's --throw-keyids and --hidden-recipient",
                    rnp_version_string());
    if (code == RNP_ERROR_NO_SUITABLE_KEY)
        return fail(ErrorKind::Denied, "the message is not encrypted to this key");
    if (code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::Invalid, "no OpenPGP message, or not a whole one", code);
    MANDOS_TRY(check_protection(operation));
    return sink.take();
}

} // namespace mandos::openpgp
