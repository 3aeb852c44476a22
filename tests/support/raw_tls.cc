#include "tests/support/raw_tls.h"

#include <array>
#include <ctime>
#include <string>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/check.h"

namespace mandos::support {

namespace {

using PrivateKey = Handle<gnutls_privkey_st, gnutls_privkey_deinit>;
using PublicKey = Handle<gnutls_pubkey_st, gnutls_pubkey_deinit>;
using X509PrivateKey = Handle<gnutls_x509_privkey_int, gnutls_x509_privkey_deinit>;
using Certificate = Handle<gnutls_x509_crt_int, gnutls_x509_crt_deinit>;

void must(int code, const char* what) {
    check(code >= 0, what);
}

std::string take_text(gnutls_datum_t datum) {
    std::string text(reinterpret_cast<const char*>(datum.data), datum.size);
    gnutls_free(datum.data);
    return text;
}

gnutls_datum_t datum_of(const std::string& text) {
    auto* data =
        const_cast<char*>(text.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast): it only reads
    return {.data = reinterpret_cast<unsigned char*>(data), .size = static_cast<unsigned>(text.size())};
}

X509PrivateKey generate() {
    gnutls_x509_privkey_t key = nullptr;
    must(gnutls_x509_privkey_init(&key), "there is memory for a key");
    must(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 0, 0), "GnuTLS makes an Ed25519 key");
    return X509PrivateKey(key);
}

} // namespace

KeyPair make_ed25519_keys() {
    const X509PrivateKey key = generate();
    gnutls_datum_t private_pem{};
    must(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                           &private_pem),
         "GnuTLS writes a private key");
    gnutls_privkey_t as_private = nullptr;
    must(gnutls_privkey_init(&as_private), "there is memory for a key");
    const PrivateKey private_key(as_private);
    must(gnutls_privkey_import_x509(as_private, key.get(), GNUTLS_PRIVKEY_IMPORT_COPY), "a key is a key");
    gnutls_pubkey_t as_public = nullptr;
    must(gnutls_pubkey_init(&as_public), "there is memory for a key");
    const PublicKey public_key(as_public);
    must(gnutls_pubkey_import_privkey(as_public, as_private, 0, 0), "a private key has a public one");
    gnutls_datum_t public_pem{};
    must(gnutls_pubkey_export2(as_public, GNUTLS_X509_FMT_PEM, &public_pem), "GnuTLS writes a public key");
    return {.public_pem = take_text(public_pem), .private_pem = take_text(private_pem)};
}

Priorities parse_priority(const std::string& text) {
    gnutls_priority_t priorities = nullptr;
    must(gnutls_priority_init(&priorities, text.c_str(), nullptr), "the priority string is one");
    return Priorities(priorities);
}

Credentials no_credentials() {
    gnutls_certificate_credentials_t credentials = nullptr;
    must(gnutls_certificate_allocate_credentials(&credentials), "there is memory for credentials");
    return Credentials(credentials);
}

Credentials raw_key_credentials(const KeyPair& keys) {
    Credentials credentials = no_credentials();
    const gnutls_datum_t public_pem = datum_of(keys.public_pem);
    const gnutls_datum_t private_pem = datum_of(keys.private_pem);
    must(gnutls_certificate_set_rawpk_key_mem(credentials.get(), &public_pem, &private_pem,
                                              GNUTLS_X509_FMT_PEM, nullptr, 0, nullptr, 0, 0),
         "the TLS keys are PEM files");
    return credentials;
}

Credentials x509_credentials() {
    const X509PrivateKey key = generate();
    gnutls_x509_crt_t raw = nullptr;
    must(gnutls_x509_crt_init(&raw), "there is memory for a certificate");
    const Certificate certificate(raw);
    const time_t now = time(nullptr);
    constexpr time_t a_day = 86400;
    constexpr std::array<unsigned char, 1> serial{1};
    must(gnutls_x509_crt_set_version(raw, 3), "certificate version");
    must(gnutls_x509_crt_set_dn(raw, "CN=somebody", nullptr), "certificate name");
    must(gnutls_x509_crt_set_serial(raw, serial.data(), serial.size()), "certificate serial");
    must(gnutls_x509_crt_set_activation_time(raw, now - a_day), "certificate activation");
    must(gnutls_x509_crt_set_expiration_time(raw, now + a_day), "certificate expiration");
    must(gnutls_x509_crt_set_key(raw, key.get()), "certificate key");
    must(gnutls_x509_crt_sign2(raw, raw, key.get(), GNUTLS_DIG_SHA512, 0), "certificate signature");
    Credentials credentials = no_credentials();
    gnutls_x509_crt_t list = raw;
    must(gnutls_certificate_set_x509_key(credentials.get(), &list, 1, key.get()), "certificate and key");
    return credentials;
}

} // namespace mandos::support
