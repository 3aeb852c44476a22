// mandos-client: gets the password of this machine from a Mandos server and writes it to standard output.
// Its exit statuses are those of sysexits(3), as always.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/key_files.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/options.h"
#include "programs/mandos-client/password_output.h"
#include "programs/mandos-client/process.h"

namespace mandos::client {

namespace {

int fail_with(int status, const Error& error) {
    say(error.text());
    return status;
}

int inform(const Information& information) {
    if (information.stream == Information::Stream::Error)
        say(information.text);
    else if (const auto written = write_all(STDOUT_FILENO, as_bytes(information.text)); !written)
        return fail_with(EX_IOERR, written.error());
    return EXIT_SUCCESS;
}

fetch::Settings fetch_settings(const Options& options, Keys keys) {
    fetch::Settings settings;
    settings.servers = options.servers;
    settings.interface = options.only_interface();
    settings.priority = options.priority;
    settings.tls_keys = std::move(keys.tls);
    settings.openpgp_secret_key = std::move(keys.openpgp_secret);
    settings.retry = options.retry;
    settings.detail = options.detail;
    return settings;
}

// The exit status; nothing: the password is there, but nobody took any of it.
std::optional<int> fetch_and_deliver(const fetch::Settings& settings) {
    const auto outcome = fetch::fetch_password(settings, say);
    if (!outcome)
        return fail_with(EX_UNAVAILABLE, outcome.error());
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

int run(const Options& options) {
    if (options.servers.empty()) {
        say("no server is named, and this version does not look for servers itself; use "
            "--connect=ADDRESS:PORT, once for each server");
        return EX_UNAVAILABLE;
    }
    auto keys = read_keys(options.keys);
    if (!keys)
        return fail_with(EX_UNAVAILABLE, keys.error());
    const fetch::Settings settings = fetch_settings(options, *std::move(keys));
    for (;;) {
        if (const auto status = fetch_and_deliver(settings))
            return *status;
        pause_for(std::max<Duration>(settings.retry, std::chrono::seconds(1)));
    }
}

int start(int argc, char** argv) {
    if (const auto kept = keep_standard_descriptors(); !kept)
        return fail_with(EX_OSERR, kept.error());
    const auto asked = read_options(argc, argv);
    if (!asked)
        return fail_with(EX_USAGE, asked.error());
    if (const auto* information = std::get_if<Information>(&*asked))
        return inform(*information);
    return run(std::get<Options>(*asked));
}

} // namespace

} // namespace mandos::client

int main(int argc, char** argv) {
    return mandos::client::start(argc, argv);
}
