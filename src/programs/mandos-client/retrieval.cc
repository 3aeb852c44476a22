#include "programs/mandos-client/retrieval.h"

#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/secret_bytes.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/key_files.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/options.h"
#include "programs/mandos-client/password_output.h"
#include "programs/mandos-client/process.h"

namespace mandos::client {

fetch::Settings fetch_settings(const Options& options, Keys keys) {
    fetch::Settings settings;
    settings.servers = options.connect;
    settings.servers.insert(settings.servers.end(), options.servers.begin(), options.servers.end());
    settings.interface = options.only_interface();
    settings.priority = options.priority;
    settings.tls_keys = std::move(keys.tls);
    settings.openpgp_secret_key = std::move(keys.openpgp_secret);
    settings.retry = options.retry;
    settings.detail = options.detail;
    return settings;
}

std::optional<int> retrieve(const fetch::Settings& settings) {
    const auto outcome = fetch::fetch_password(settings, say);
    if (!outcome) {
        say(outcome.error().text());
        return EX_UNAVAILABLE;
    }
    if (const auto* interrupted = std::get_if<fetch::Interrupted>(&*outcome))
        die_of(interrupted->signal);
    const Delivery delivery = deliver(std::get<SecretBytes>(*outcome), STDOUT_FILENO);
    if (!delivery.error)
        return EXIT_SUCCESS;
    say(fmt::format("only {} bytes of the password could be written to standard output: {}", delivery.bytes,
                    delivery.error->text()));
    if (delivery.bytes > 0) // what came behind it would make a wrong password
        return EX_IOERR;
    return std::nullopt;
}

} // namespace mandos::client
