// mandos-client: gets the password of this machine from a Mandos server and writes it to standard output.
// Its exit statuses are those of sysexits(3), as always.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include <sysexits.h>

#include "base/error.h"
#include "base/say.h"
#include "programs/mandos-client/fetcher.h"
#include "programs/mandos-client/first_clock.h"
#include "programs/mandos-client/manager.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/options.h"
#include "programs/mandos-client/process.h"
#include "programs/mandos-client/two_processes.h"

namespace mandos::client {

namespace {

int fail_with(int status, const Error& error) {
    say(error.text());
    return status;
}

int inform(const Information& information) {
    if (information.stream == Information::Stream::Error)
        say(information.text);
    else if (const auto written = tell(information.text); !written)
        return fail_with(EX_IOERR, written.error());
    return EXIT_SUCCESS;
}

// No interface may be used, and no server is given.
bool is_hopeless(const Options& options) {
    const bool names_only_none =
        !options.interfaces.empty()
        && std::ranges::all_of(options.interfaces, [](const auto& name) { return name == "none"; });
    return names_only_none && options.connect.empty() && options.servers.empty();
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
    for (const std::string& line : options.not_used)
        say(line);
    if (is_hopeless(options))
        return fail_with(
            EXIT_FAILURE,
            Error(ErrorKind::NotFound,
                  "there is no network interface to look for servers on; use --interface=NAME or "
                  "--connect=ADDRESS:PORT"));
    set_clock_by(options.keys);
    auto processes = split();
    if (!processes)
        return fail_with(EX_OSERR, processes.error());
    if (auto* manager = std::get_if<Manager>(&*processes))
        return fetch(options, std::move(*manager));
    const auto ending = manage(options, std::get<Fetcher>(std::move(*processes)));
    if (const auto* by = std::get_if<EndsBy>(&ending))
        die_of(by->signal);
    return std::get<EndsWith>(ending).status;
}

} // namespace

} // namespace mandos::client

int main(int argc, char** argv) {
    mandos::client::leave(mandos::client::run(argc, argv));
}
