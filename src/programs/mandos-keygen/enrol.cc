#include "programs/mandos-keygen/enrol.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/ssh/host_key.h"
#include "adapters/terminal/passphrase.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "programs/mandos-keygen/key_set.h"
#include "programs/mandos-keygen/messages.h"
#include "programs/mandos-keygen/options.h"
#include "wire/client_section.h"

namespace mandos::keygen {

namespace {

namespace limits = core::limits;

// Asked for twice, until both are the same or there is nobody to ask again.
Result<SecretBytes> ask_for_new_password() {
    for (;;) {
        SecretBytes first = MANDOS_TRY(terminal::ask_passphrase("Enter passphrase: ", limits::password));
        const SecretBytes second =
            MANDOS_TRY(terminal::ask_passphrase("Repeat passphrase: ", limits::password));
        if (!first.equals(second.reveal())) {
            if (!terminal::is_interactive())
                return fail(ErrorKind::Invalid, "passphrase mismatch");
            complain("passphrase mismatch");
        } else if (first.empty()) {
            return fail(ErrorKind::Invalid, "the passphrase is empty");
        } else {
            return first;
        }
    }
}

// Nothing where there is no such file: the section then has no key ID, and the server needs it from
// elsewhere.
Result<std::optional<std::string>> key_id(const std::string& path) {
    const Result<Bytes> pem = read_file(path, limits::key_file);
    if (!pem && pem.error().kind() == ErrorKind::NotFound)
        return std::nullopt;
    if (!pem)
        return std::unexpected(pem.error());
    const Bytes spki = MANDOS_TRY_IN(fmt::format("file {}", quoted(path)), tls::spki_of_pem(as_text(*pem)));
    return to_hex(tls::key_id_of_spki(spki).digest());
}

std::optional<wire::ClientSectionText::SshKey> ssh_key() {
    constexpr std::uint16_t ssh_port = 22;
    constexpr auto timeout = std::chrono::seconds(5);
    const auto found = ssh::host_key("localhost", ssh_port, timeout);
    if (!found)
        return std::nullopt;
    return wire::ClientSectionText::SshKey{.scan_type = found->scan_type, .fingerprint = found->line};
}

} // namespace

Result<SecretBytes> read_password_file(const std::string& file) {
    if (file == "-") {
        SecretBytes password =
            MANDOS_TRY_IN("standard input", read_all_secret(STDIN_FILENO, limits::password));
        if (password.empty())
            return fail(ErrorKind::Invalid, "standard input is empty; expected the password");
        return password;
    }
    SecretBytes password = MANDOS_TRY(read_secret_file(file, limits::password));
    if (password.empty())
        return fail(ErrorKind::Invalid, "password file {} is empty", quoted(file));
    return password;
}

Result<void> print_section(const Options& options) {
    const KeyPaths paths(options.directory);
    const SecretBytes secret_key = MANDOS_TRY(read_secret_file(paths.openpgp_secret, limits::key_file));
    const Bytes public_key = MANDOS_TRY(read_file(paths.openpgp_public, limits::key_file));
    const openpgp::Identity identity = MANDOS_TRY_IN(fmt::format("file {}", quoted(paths.openpgp_public)),
                                                     openpgp::read_identity(as_text(public_key)));
    wire::ClientSectionText section{.name = options.name,
                                    .key_id = MANDOS_TRY(key_id(paths.tls_public)),
                                    .fingerprint = identity.fingerprint};
    const SecretBytes password = MANDOS_TRY(options.password_file ? read_password_file(*options.password_file)
                                                                  : ask_for_new_password());
    section.secret = MANDOS_TRY_IN(fmt::format("file {}", quoted(paths.openpgp_secret)),
                                   openpgp::encrypt_to_self(password, secret_key));
    if (section.secret.size() > limits::secret)
        return fail(ErrorKind::Exhausted,
                    "the password is too long: encrypted it has {} bytes, and clients take {}",
                    section.secret.size(), limits::secret);
    if (options.ssh)
        section.ssh_key = ssh_key();
    return tell(wire::write_client_section(section));
}

} // namespace mandos::keygen
