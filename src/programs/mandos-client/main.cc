// mandos-client: gets the password of this machine from a Mandos server and writes it to standard output.
// Its exit statuses are those of sysexits(3), as always.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <variant>

#include <sysexits.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/key_files.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/options.h"
#include "programs/mandos-client/process.h"
#include "programs/mandos-client/retrieval.h"

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

int run(int argc, char** argv) {
    if (const auto prepared = prepare_process(); !prepared)
        return fail_with(EX_OSERR, prepared.error());
    const auto asked = read_options(argc, argv);
    if (!asked)
        return fail_with(EX_USAGE, asked.error());
    if (const auto* information = std::get_if<Information>(&*asked))
        return inform(*information);
    const auto& options = std::get<Options>(*asked);
    if (options.servers.empty())
        return fail_with(EX_UNAVAILABLE,
                         Error(ErrorKind::Unsupported,
                               "no server is named, and this version does not look for servers "
                               "itself; use --connect=ADDRESS:PORT, once for each server"));
    auto keys = read_keys(options.keys);
    if (!keys)
        return fail_with(EX_UNAVAILABLE, keys.error());
    const fetch::Settings settings = fetch_settings(options, *std::move(keys));
    for (;;) {
        if (const auto status = retrieve(settings))
            return *status;
        pause_for(std::max<Duration>(settings.retry, std::chrono::seconds(1)));
    }
}

} // namespace

} // namespace mandos::client

int main(int argc, char** argv) {
    mandos::client::leave(mandos::client::run(argc, argv));
}
