#include "programs/mandos-keygen/prove.h"

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "adapters/luks/luks.h"
#include "adapters/terminal/passphrase.h"
#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-keygen/enrol.h"
#include "programs/mandos-keygen/key_set.h"
#include "programs/mandos-keygen/messages.h"
#include "programs/mandos-keygen/options.h"

namespace mandos::keygen {

namespace {

namespace limits = core::limits;

Result<fetch::Settings> fetch_settings(const Options& options) {
    const KeyPaths paths(options.directory);
    fetch::Settings settings;
    settings.servers = options.servers;
    settings.priority = options.priority;
    settings.tls_keys.public_key_pem = as_text(MANDOS_TRY(read_file(paths.tls_public, limits::key_file)));
    settings.tls_keys.private_key_pem = MANDOS_TRY(read_secret_file(paths.tls_private, limits::key_file));
    settings.openpgp_secret_key = MANDOS_TRY(read_secret_file(paths.openpgp_secret, limits::key_file));
    settings.retry = std::chrono::seconds(5);
    settings.give_up_after = options.patience;
    return settings;
}

Result<SecretBytes> fetch(const Options& options) {
    const fetch::Settings settings = MANDOS_TRY(fetch_settings(options));
    fetch::Outcome outcome = MANDOS_TRY(fetch::fetch_password(settings, complain));
    if (const auto* interrupted = std::get_if<fetch::Interrupted>(&outcome)) {
        (void)raise(interrupted->signal); // ends this process, as it would have without us
        return fail(ErrorKind::Interrupted, "interrupted");
    }
    return std::move(std::get<SecretBytes>(outcome));
}

Result<void> try_device(const std::string& device, const SecretBytes& password) {
    const std::optional<int> keyslot = MANDOS_TRY(luks::opened_keyslot(device, password));
    if (!keyslot)
        return fail(ErrorKind::Denied, "NO: a password came back, but it opens no keyslot of {}",
                    quoted(device));
    return tell(
        fmt::format("YES: a password came back, and it opens keyslot {} of {}\n", *keyslot, quoted(device)));
}

} // namespace

Result<void> prove(const Options& options) {
    std::optional<SecretBytes> expected;
    if (options.password_file)
        expected = MANDOS_TRY(read_password_file(*options.password_file));
    else if (!options.device)
        expected = MANDOS_TRY(terminal::ask_passphrase("Enter the expected passphrase: ", limits::password));
    const SecretBytes password = MANDOS_TRY_IN("NO: no password came back", fetch(options));
    if (options.device)
        return try_device(*options.device, password);
    if (!expected->equals(password.reveal()))
        return fail(ErrorKind::Denied, "NO: a password came back, but not the expected one");
    return tell("YES: the expected password came back\n");
}

} // namespace mandos::keygen
