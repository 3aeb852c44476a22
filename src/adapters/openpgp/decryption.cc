#include "adapters/openpgp/decryption.h"

#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/rnp.h"
#include "base/check.h"
#include "base/error.h"

namespace mandos::openpgp {

Decryption new_decryption(const Engine& engine, const Input& input, const Output& output) {
    rnp_op_verify_t raw = nullptr;
    check(rnp_op_verify_create(&raw, engine.get(), input.get(), output.get()) == RNP_SUCCESS,
          "there is memory for a decryption");
    Decryption decryption(raw);
    // Who signed it says nothing that being readable to this key alone does not.
    check(rnp_op_verify_set_flags(raw, RNP_VERIFY_IGNORE_SIGS_ON_DECRYPT) == RNP_SUCCESS,
          "librnp can leave signatures aside");
    return decryption;
}

Result<void> check_intact(const Decryption& decryption) {
    char* raw_mode = nullptr;
    char* raw_cipher = nullptr;
    bool intact = false;
    check(rnp_op_verify_get_protection_info(decryption.get(), &raw_mode, &raw_cipher, &intact) == RNP_SUCCESS,
          "librnp tells how a message was protected");
    const Text mode_owner(raw_mode);
    const Text cipher_owner(raw_cipher);
    if (std::string_view(raw_mode) == "none")
        return fail(ErrorKind::Invalid, "the message is not encrypted");
    if (!intact)
        return fail(ErrorKind::Invalid, "the message has no protection against changes, or was changed");
    return {};
}

} // namespace mandos::openpgp
