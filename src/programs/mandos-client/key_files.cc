#include "programs/mandos-client/key_files.h"

#include <string>
#include <string_view>

#include <fmt/core.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "core/limits.h"

namespace mandos::client {

namespace {

// Decrypting takes the secret key alone, and what is odd about the public one is the server's business. But
// that there is none, or another file in its place, is better said now.
Result<void> check_public_key(const std::string& path) {
    constexpr std::string_view armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    const Bytes content = MANDOS_TRY(read_file(path, core::limits::key_file));
    if (as_text(content).find(armour) == std::string_view::npos)
        return fail(ErrorKind::Invalid, "file {}: no OpenPGP public key; expected one with the line \"{}\"",
                    quoted(path), armour);
    return {};
}

} // namespace

Result<Keys> read_keys(const KeyFiles& files) {
    Keys keys;
    keys.openpgp_secret = MANDOS_TRY(read_secret_file(files.openpgp_secret, core::limits::key_file));
    MANDOS_TRY_IN(fmt::format("file {}", quoted(files.openpgp_secret)),
                  openpgp::check_secret_key(keys.openpgp_secret));
    MANDOS_TRY(check_public_key(files.openpgp_public));

    keys.tls.public_key_pem = as_text(MANDOS_TRY(read_file(files.tls_public, core::limits::key_file)));
    keys.tls.private_key_pem = MANDOS_TRY(read_secret_file(files.tls_private, core::limits::key_file));
    const std::string both =
        fmt::format("files {} and {}", quoted(files.tls_public), quoted(files.tls_private));
    (void)MANDOS_TRY_IN(both, tls::Context::for_mandos_client(tls::default_priority, keys.tls));
    return keys;
}

} // namespace mandos::client
