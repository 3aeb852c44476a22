#include "programs/mandos-client/key_files.h"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "core/limits.h"

namespace mandos::client {

namespace {

constexpr std::string_view public_armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view secret_armour = "-----BEGIN PGP PRIVATE KEY BLOCK-----";

Result<void> check_armour(ByteView content, std::string_view armour, const std::string& path) {
    if (as_text(content).find(armour) == std::string_view::npos)
        return fail(ErrorKind::Invalid,
                    "file {} is no OpenPGP key: it has no line \"{}\"; mandos-keygen makes such files",
                    quoted(path), armour);
    return {};
}

} // namespace

Result<Keys> read_keys(const KeyFiles& files) {
    Keys keys;
    keys.openpgp_secret = MANDOS_TRY(read_secret_file(files.openpgp_secret, core::limits::key_file));
    MANDOS_TRY(check_armour(keys.openpgp_secret.reveal(), secret_armour, files.openpgp_secret));

    // Decrypting takes the secret key alone; that the other half is missing is still better said now.
    const Bytes openpgp_public = MANDOS_TRY(read_file(files.openpgp_public, core::limits::key_file));
    MANDOS_TRY(check_armour(openpgp_public, public_armour, files.openpgp_public));

    keys.tls.public_key_pem = as_text(MANDOS_TRY(read_file(files.tls_public, core::limits::key_file)));
    keys.tls.private_key_pem = MANDOS_TRY(read_secret_file(files.tls_private, core::limits::key_file));
    const std::string both =
        fmt::format("files {} and {}", quoted(files.tls_public), quoted(files.tls_private));
    (void)MANDOS_TRY_IN(both, tls::Context::for_mandos_client(tls::default_priority, keys.tls));
    return keys;
}

} // namespace mandos::client
