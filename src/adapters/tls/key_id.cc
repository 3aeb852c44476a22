#include <cstddef>
#include <string_view>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "adapters/tls/gnutls_error.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"
#include "core/key_id.h"

namespace mandos::tls {

core::KeyId key_id_of_spki(ByteView spki) {
    core::KeyId::Digest digest{};
    check(gnutls_hash_fast(GNUTLS_DIG_SHA256, spki.data(), spki.size(), digest.data()) == 0,
          "SHA-256 can be computed");
    return core::KeyId(digest);
}

Result<Bytes> spki_of_pem(std::string_view public_key_pem) {
    gnutls_pubkey_t raw = nullptr;
    check(gnutls_pubkey_init(&raw) == 0, "there is memory for a public key");
    const Handle<gnutls_pubkey_st, gnutls_pubkey_deinit> key(raw);
    const Bytes text = to_bytes(public_key_pem); // GnuTLS takes a pointer to what could be written
    const gnutls_datum_t pem{.data =
                                 const_cast<unsigned char*>( // NOLINT(cppcoreguidelines-pro-type-const-cast)
                                     reinterpret_cast<const unsigned char*>(text.data())),
                             .size = static_cast<unsigned>(text.size())};
    if (const int code = gnutls_pubkey_import(key.get(), &pem, GNUTLS_X509_FMT_PEM); code < 0)
        return fail_gnutls(ErrorKind::Invalid, "not a PEM public key (\"BEGIN PUBLIC KEY\")", code);
    gnutls_datum_t der{};
    if (const int code = gnutls_pubkey_export2(key.get(), GNUTLS_X509_FMT_DER, &der); code < 0)
        return fail_gnutls(ErrorKind::System, "cannot encode the public key", code);
    const auto* first = reinterpret_cast<const std::byte*>(der.data);
    Bytes spki(first, first + der.size);
    gnutls_free(der.data);
    return spki;
}

} // namespace mandos::tls
