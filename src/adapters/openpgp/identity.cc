#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "adapters/openpgp/der.h"
#include "adapters/openpgp/openpgp.h"
#include "adapters/openpgp/rnp.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"

namespace mandos::openpgp {

namespace {

// When the youngest key in ENGINE was made.
std::chrono::sys_seconds youngest(const Engine& engine) {
    rnp_identifier_iterator_t raw = nullptr;
    check(rnp_identifier_iterator_create(engine.get(), &raw, "fingerprint") == RNP_SUCCESS,
          "keys can be listed by fingerprint");
    const Handle<rnp_identifier_iterator_st, rnp_identifier_iterator_destroy> iterator(raw);
    std::chrono::sys_seconds latest{};
    const char* fingerprint = nullptr;
    while (rnp_identifier_iterator_next(raw, &fingerprint) == RNP_SUCCESS && fingerprint != nullptr) {
        rnp_key_handle_t handle = nullptr;
        std::uint32_t made = 0;
        if (rnp_locate_key(engine.get(), "fingerprint", fingerprint, &handle) != RNP_SUCCESS)
            continue;
        const Key key(handle);
        if (handle != nullptr && rnp_key_get_creation(handle, &made) == RNP_SUCCESS)
            latest = std::max(latest, std::chrono::sys_seconds(std::chrono::seconds(made)));
    }
    return latest;
}

// An engine with the keys of ARMOURED. librnp holds no key for valid that was made in the future; but where
// that seems so, it is this machine's clock that is wrong: after a power cut, with no battery and no network
// yet. A server has to know its clients then more than ever.
Result<Engine> engine_with(ByteView armoured) {
    Engine engine = new_engine();
    MANDOS_TRY(import_keys(engine, armoured));
    const auto made = youngest(engine);
    if (made <= std::chrono::system_clock::now())
        return engine;
    engine = new_engine();
    const auto signed_by_then =
        made + std::chrono::days(1); // signatures on a key are a little younger than it
    const auto time = static_cast<std::uint64_t>(signed_by_then.time_since_epoch().count());
    check(rnp_set_timestamp(engine.get(), time) == RNP_SUCCESS, "an engine takes another time");
    MANDOS_TRY(import_keys(engine, armoured));
    return engine;
}

} // namespace

Result<Identity> read_identity(std::string_view armoured_public_key) {
    const LibrarySilenced silence;
    const Engine engine = MANDOS_TRY(engine_with(as_bytes(armoured_public_key)));
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
