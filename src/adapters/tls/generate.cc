#include "adapters/tls/generate.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <strings.h>

#include "adapters/tls/gnutls_error.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/quote.h"
#include "base/secret_bytes.h"

namespace mandos::tls {

namespace {

constexpr std::array<std::pair<const char*, gnutls_pk_algorithm_t>, 4> types{
    {{"ed25519", GNUTLS_PK_EDDSA_ED25519},
     {"ed448", GNUTLS_PK_EDDSA_ED448},
     {"ecdsa", GNUTLS_PK_ECDSA},
     {"rsa", GNUTLS_PK_RSA}}};

using PrivateKey = Handle<gnutls_x509_privkey_int, gnutls_x509_privkey_deinit>;
using PublicKey = Handle<gnutls_pubkey_st, gnutls_pubkey_deinit>;

Result<std::string> public_pem(const PrivateKey& key) {
    gnutls_privkey_t abstract = nullptr;
    check(gnutls_privkey_init(&abstract) == 0, "there is memory for a private key");
    const Handle<gnutls_privkey_st, gnutls_privkey_deinit> abstract_owner(abstract);
    gnutls_pubkey_t raw = nullptr;
    check(gnutls_pubkey_init(&raw) == 0, "there is memory for a public key");
    const PublicKey public_key(raw);
    gnutls_datum_t pem{};
    int code = gnutls_privkey_import_x509(abstract, key.get(), 0);
    if (code == 0)
        code = gnutls_pubkey_import_privkey(raw, abstract, 0, 0);
    if (code == 0)
        code = gnutls_pubkey_export2(raw, GNUTLS_X509_FMT_PEM, &pem);
    if (code != 0)
        return fail_gnutls(ErrorKind::System, "the public half of the new TLS key cannot be written", code);
    std::string text(as_text(std::as_bytes(std::span(pem.data, pem.size))));
    gnutls_free(pem.data);
    return text;
}

Result<SecretBytes> private_pem(const PrivateKey& key) {
    gnutls_datum_t pem{};
    const int code =
        gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN, &pem);
    if (code != 0)
        return fail_gnutls(ErrorKind::System, "the new TLS key cannot be written", code);
    SecretBytes text = SecretBytes::copy_of(std::as_bytes(std::span(pem.data, pem.size)));
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    return text;
}

} // namespace

Result<KeyPair> generate_key_pair(std::string_view type) {
    const std::string name(type);
    const auto found = std::ranges::find_if(
        types, [&name](const auto& t) { return strcasecmp(t.first, name.c_str()) == 0; });
    if (found == types.end())
        return fail(ErrorKind::Invalid, "{} is no type of TLS key; expected ed25519, ed448, ecdsa or rsa",
                    quoted(type));
    gnutls_x509_privkey_t raw = nullptr;
    check(gnutls_x509_privkey_init(&raw) == 0, "there is memory for a private key");
    const PrivateKey key(raw);
    const unsigned bits = gnutls_sec_param_to_pk_bits(found->second, GNUTLS_SEC_PARAM_ULTRA);
    if (const int code = gnutls_x509_privkey_generate(raw, found->second, bits, 0); code != 0)
        return fail_gnutls(ErrorKind::System, "a TLS key cannot be made", code);
    return KeyPair{.public_key_pem = MANDOS_TRY(public_pem(key)),
                   .private_key_pem = MANDOS_TRY(private_pem(key))};
}

} // namespace mandos::tls
