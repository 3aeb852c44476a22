#include "adapters/openpgp/decryption.h"

#include <cstddef>
#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::openpgp {

namespace {

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

} // namespace

Result<SecretBytes> run_decryption(const Engine& engine, ByteView message, std::size_t limit, Judge judge) {
    const Input input = MANDOS_TRY_IN("message", input_from(message));
    SecretSink sink(limit);
    const Output output = sink.output();
    const Decryption decryption = new_decryption(engine, input, output);
    const rnp_result_t code = rnp_op_verify_execute(decryption.get());
    if (sink.exceeded())
        return fail(ErrorKind::Exhausted, "more than {} bytes come out of the message", limit);
    MANDOS_TRY(judge(decryption, code));
    if (code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::Invalid, "no OpenPGP message, or not a whole one", code);
    MANDOS_TRY(check_intact(decryption));
    return sink.take();
}

} // namespace mandos::openpgp
