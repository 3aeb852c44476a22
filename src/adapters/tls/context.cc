#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "adapters/tls/gnutls_error.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::tls {

const std::string default_priority =
    "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA"
    ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-X448"
    ":+GROUP-FFDHE2048:+GROUP-FFDHE3072:+GROUP-FFDHE4096:+GROUP-FFDHE6144:+GROUP-FFDHE8192"
    ":-CIPHER-ALL:+CHACHA20-POLY1305:+AES-256-GCM:+AES-128-GCM:+AES-128-CCM";

namespace {

// Raw public keys have to be switched on for each session; tickets would let a peer come back without its
// key.
constexpr unsigned flags_of_both_sides =
    GNUTLS_ENABLE_RAWPK | GNUTLS_NO_TICKETS | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;

gnutls_datum_t datum_of(ByteView bytes) {
    // GnuTLS takes what it only reads as a pointer to what could be written.
    auto* data = const_cast<std::byte*>(bytes.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast)
    return {.data = reinterpret_cast<unsigned char*>(data), .size = static_cast<unsigned>(bytes.size())};
}

Result<Handle<gnutls_priority_st, gnutls_priority_deinit>> parse_priority(const std::string& text) {
    gnutls_priority_t priorities = nullptr;
    const char* stopped_at = nullptr;
    if (const int code = gnutls_priority_init(&priorities, text.c_str(), &stopped_at); code != 0)
        return fail(
            ErrorKind::Invalid,
            "priority string {} is not understood from {} on ({}); expected a GnuTLS priority string, see "
            "gnutls-cli --priority-list",
            quoted(text), quoted(stopped_at == nullptr ? "its start" : stopped_at), gnutls_strerror(code));
    Handle<gnutls_priority_st, gnutls_priority_deinit> owned(priorities);
    const unsigned* types = nullptr;
    const int count = gnutls_priority_certificate_type_list2(priorities, &types, GNUTLS_CTYPE_SERVER);
    if (count <= 0
        || std::ranges::find(std::span(types, static_cast<std::size_t>(count)), unsigned{GNUTLS_CRT_RAWPK})
               == std::span(types, static_cast<std::size_t>(count)).end())
        return fail(
            ErrorKind::Invalid,
            "priority string {} allows no raw public keys, and so nobody to connect; add +CTYPE-RAWPK",
            quoted(text));
    return owned;
}

Handle<gnutls_certificate_credentials_st, gnutls_certificate_free_credentials> new_credentials() {
    gnutls_certificate_credentials_t credentials = nullptr;
    check(gnutls_certificate_allocate_credentials(&credentials) == 0, "there is memory for credentials");
    return Handle<gnutls_certificate_credentials_st, gnutls_certificate_free_credentials>(credentials);
}

// That both keys can be read, which tells them apart; besides, what GnuTLS 3.7 allocates for a pair that it
// cannot read is never freed.
Result<void> check_keys(const KeyPair& keys) {
    (void)MANDOS_TRY_IN("TLS public key", spki_of_pem(keys.public_key_pem));
    gnutls_privkey_t raw = nullptr;
    check(gnutls_privkey_init(&raw) == 0, "there is memory for a private key");
    const Handle<gnutls_privkey_st, gnutls_privkey_deinit> key(raw);
    const gnutls_datum_t pem = datum_of(keys.private_key_pem.reveal());
    if (const int code = gnutls_privkey_import_x509_raw(raw, &pem, GNUTLS_X509_FMT_PEM, nullptr, 0); code < 0)
        return fail_gnutls(
            ErrorKind::Invalid,
            "TLS private key: not a PEM private key (\"BEGIN PRIVATE KEY\") without a passphrase", code);
    return {};
}

} // namespace

Result<Context> Context::for_mandos_server(const std::string& priority) {
    auto priorities = MANDOS_TRY(parse_priority(priority));
    // One key share, of the first group: computing the second costs as much as half the handshake, and peers
    // that want another group ask for it (RFC 8446 §4.1.4).
    return Context(new_credentials(), std::move(priorities),
                   GNUTLS_CLIENT | GNUTLS_KEY_SHARE_TOP | flags_of_both_sides);
}

Result<Context> Context::for_mandos_client(const std::string& priority, const KeyPair& keys) {
    auto priorities = MANDOS_TRY(parse_priority(priority));
    MANDOS_TRY(check_keys(keys));
    auto credentials = new_credentials();
    const gnutls_datum_t public_key = datum_of(as_bytes(keys.public_key_pem));
    const gnutls_datum_t private_key = datum_of(keys.private_key_pem.reveal());
    if (const int code = gnutls_certificate_set_rawpk_key_mem(credentials.get(), &public_key, &private_key,
                                                              GNUTLS_X509_FMT_PEM, nullptr, 0, nullptr, 0, 0);
        code < 0)
        return fail(
            ErrorKind::Invalid,
            "the TLS key pair cannot be read ({}); expected PEM files \"BEGIN PUBLIC KEY\" and \"BEGIN "
            "PRIVATE KEY\" without a passphrase, as mandos-keygen makes them",
            gnutls_strerror(code));
    return Context(std::move(credentials), std::move(priorities), GNUTLS_SERVER | flags_of_both_sides);
}

} // namespace mandos::tls
