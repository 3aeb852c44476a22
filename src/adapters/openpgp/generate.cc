#include "adapters/openpgp/generate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/der.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "core/limits.h"

namespace mandos::openpgp {

namespace {

using Operation = Handle<rnp_op_generate_st, rnp_op_generate_destroy>;

std::string describe(const KeyType& type) {
    std::string text = type.algorithm;
    if (type.bits != 0)
        text += fmt::format(" with {} bits", type.bits);
    if (!type.curve.empty())
        text += fmt::format(" on curve {}", quoted(type.curve));
    return text;
}

std::unexpected<Error> fail_type(const KeyType& type, rnp_result_t code) {
    return fail_rnp(ErrorKind::Unsupported, fmt::format("a key of type {} cannot be made", describe(type)),
                    code);
}

// Sets what TYPE and the request say, makes the key and returns it.
Result<Key> make(const Operation& operation, const KeyType& type, const KeyRequest& request,
                 std::initializer_list<const char*> usages) {
    rnp_op_generate_t raw = operation.get();
    // add_usage adds to what the library has in mind, so that goes first.
    check(rnp_op_generate_clear_usage(raw) == RNP_SUCCESS, "usages can be cleared");
    for (const char* usage : usages)
        if (const rnp_result_t code = rnp_op_generate_add_usage(raw, usage); code != RNP_SUCCESS)
            return fail_type(type, code);
    if (type.bits != 0)
        if (const rnp_result_t code = rnp_op_generate_set_bits(raw, type.bits); code != RNP_SUCCESS)
            return fail_type(type, code);
    if (!type.curve.empty())
        if (const rnp_result_t code = rnp_op_generate_set_curve(raw, type.curve.c_str()); code != RNP_SUCCESS)
            return fail_type(type, code);
    const auto expiry = static_cast<std::uint32_t>(request.expires_after.count());
    check(rnp_op_generate_set_expiration(raw, expiry) == RNP_SUCCESS, "an expiry can be set");
    if (const rnp_result_t code = rnp_op_generate_execute(raw); code != RNP_SUCCESS)
        return fail_type(type, code);
    rnp_key_handle_t key = nullptr;
    check(rnp_op_generate_get_key(raw, &key) == RNP_SUCCESS, "what was made is there");
    return Key(key);
}

Result<Key> make_primary(const Engine& engine, const KeyRequest& request) {
    rnp_op_generate_t raw = nullptr;
    if (const rnp_result_t code =
            rnp_op_generate_create(&raw, engine.get(), request.primary.algorithm.c_str());
        code != RNP_SUCCESS)
        return fail_type(request.primary, code);
    const Operation operation(raw);
    if (const rnp_result_t code = rnp_op_generate_set_userid(raw, request.user_id.c_str());
        code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::Invalid, fmt::format("{} cannot be a user ID", quoted(request.user_id)),
                        code);
    if (request.tls_key == KeyRequest::TlsKey::Subkey)
        return make(operation, request.primary, request, {"certify", "sign"});
    return make(operation, request.primary, request, {"certify", "sign", "authenticate"});
}

Result<Key> make_subkey(const Engine& engine, const Key& primary, const KeyType& type,
                        const KeyRequest& request, const char* usage) {
    rnp_op_generate_t raw = nullptr;
    if (const rnp_result_t code =
            rnp_op_generate_subkey_create(&raw, engine.get(), primary.get(), type.algorithm.c_str());
        code != RNP_SUCCESS)
        return fail_type(type, code);
    const Operation operation(raw);
    return make(operation, type, request, {usage});
}

enum class Part { Public, Secret };

// The key with its subkeys, armoured as gpg would: line feeds alone, and COMMENT under the first line.
SecretBytes export_key(const Key& primary, Part part, const std::string& comment) {
    SecretSink sink(core::limits::key_file);
    Output output = sink.output();
    const uint32_t flags = RNP_KEY_EXPORT_ARMORED | RNP_KEY_EXPORT_SUBKEYS
                           | (part == Part::Secret ? RNP_KEY_EXPORT_SECRET : RNP_KEY_EXPORT_PUBLIC);
    check(rnp_key_export(primary.get(), output.get(), flags) == RNP_SUCCESS,
          "a key that was made can be exported");
    output.reset(); // flushes
    const SecretBytes armoured = sink.take();

    const std::string header = comment.empty() ? std::string() : fmt::format("Comment: {}\n", comment);
    SecretBytes text(armoured.size() + header.size());
    auto at = text.reveal().begin();
    bool first_line = true;
    for (const std::byte byte : armoured.reveal()) {
        if (byte == std::byte{'\r'})
            continue;
        *at++ = byte;
        if (byte == std::byte{'\n'} && std::exchange(first_line, false) == true)
            at = std::ranges::copy(as_bytes(header), at).out;
    }
    text.resize(static_cast<std::size_t>(at - text.reveal().begin()));
    return text;
}

} // namespace

Result<GeneratedKey> generate_key(const KeyRequest& request) {
    const LibrarySilenced silence;
    const Engine engine = new_engine();
    const Key primary = MANDOS_TRY(make_primary(engine, request));
    GeneratedKey generated;
    if (request.tls_key == KeyRequest::TlsKey::Subkey) {
        const KeyType ed25519{.algorithm = "EDDSA"};
        const Key subkey = MANDOS_TRY(make_subkey(engine, primary, ed25519, request, "authenticate"));
        const Bytes public_key = MANDOS_TRY(ed25519_public(subkey));
        const SecretBytes seed = MANDOS_TRY(ed25519_seed(subkey));
        generated.tls = TlsKeyPair{.public_key = public_pem_of_ed25519(public_key),
                                   .private_key = private_pem_of_ed25519(seed)};
    }
    const Key encrypting =
        MANDOS_TRY(make_subkey(engine, primary, request.encryption_subkey, request, "encrypt"));
    (void)encrypting; // it is exported with its primary key
    generated.secret_key = export_key(primary, Part::Secret, request.comment);
    generated.public_key = as_text(export_key(primary, Part::Public, request.comment).reveal());
    char* fingerprint = nullptr;
    check(rnp_key_get_fprint(primary.get(), &fingerprint) == RNP_SUCCESS, "every key has a fingerprint");
    generated.fingerprint = Text(fingerprint).get();
    return generated;
}

} // namespace mandos::openpgp
