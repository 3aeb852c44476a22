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

using Operation = Handle<rnp_op_encrypt_st, rnp_op_encrypt_destroy>;

Result<void> set_up(const Operation& operation, const Key& key) {
    // A modification detection code, which every OpenPGP program reads; authenticated encryption is not that
    // far.
    check(rnp_op_encrypt_set_cipher(operation.get(), "AES256") == RNP_SUCCESS, "librnp has AES-256");
    check(rnp_op_encrypt_set_aead(operation.get(), "None") == RNP_SUCCESS,
          "librnp has modification detection codes");
    if (const rnp_result_t code = rnp_op_encrypt_add_recipient(operation.get(), key.get());
        code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::Invalid, "the OpenPGP key cannot be encrypted to", code);
    bool can_sign = false;
    if (rnp_key_have_secret(key.get(), &can_sign) != RNP_SUCCESS || !can_sign)
        return {};
    if (const rnp_result_t code = rnp_op_encrypt_add_signature(operation.get(), key.get(), nullptr);
        code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::Invalid, "the OpenPGP key cannot sign", code);
    return {};
}

} // namespace

Result<Bytes> encrypt_to_self(const SecretBytes& plaintext, const SecretBytes& armoured_key) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    MANDOS_TRY(import_keys(engine, armoured_key.reveal()));
    const Key key = MANDOS_TRY(only_primary_key(engine));

    const Input input = MANDOS_TRY_IN("plaintext", input_from(plaintext.reveal()));
    rnp_output_t raw_output = nullptr;
    check(rnp_output_to_memory(&raw_output, 0) == RNP_SUCCESS, "there is memory for an output");
    const Output output(raw_output);
    rnp_op_encrypt_t raw = nullptr;
    check(rnp_op_encrypt_create(&raw, engine.get(), input.get(), output.get()) == RNP_SUCCESS,
          "there is memory for an encryption");
    const Operation operation(raw);
    MANDOS_TRY(set_up(operation, key));
    if (const rnp_result_t code = rnp_op_encrypt_execute(raw); code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::System, "encryption failed", code);

    uint8_t* bytes = nullptr;
    size_t size = 0;
    check(rnp_output_memory_get_buf(raw_output, &bytes, &size, false) == RNP_SUCCESS,
          "what was written can be read");
    const auto* first = reinterpret_cast<const std::byte*>(bytes);
    return Bytes(first, first + size);
}

} // namespace mandos::openpgp
