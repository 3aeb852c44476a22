// mandos-client: gets the password of this machine from a Mandos server and writes it to standard output.
// Its exit statuses are those of sysexits(3), as always.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sysexits.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/say.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/announced_servers.h"
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
    else if (const auto written = tell(information.text); !written)
        return fail_with(EX_IOERR, written.error());
    return EXIT_SUCCESS;
}

// Nothing is looked for with --connect.
Result<std::vector<Link>> find_links(const Options& options) {
    if (!options.connect.empty())
        return std::vector<Link>();
    return links_to_look_on(options.interfaces);
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
    auto links = find_links(options);
    if (!links)
        return fail_with(EX_OSERR, links.error());
    if (links->empty() && options.connect.empty() && options.servers.empty())
        return fail_with(EXIT_FAILURE,
                         Error(ErrorKind::NotFound,
                               "there is no network interface to look for servers on, and none is named; use "
                               "--interface=NAME or --connect=ADDRESS:PORT"));
    auto keys = read_keys(options.keys);
    if (!keys)
        return fail_with(EX_UNAVAILABLE, keys.error());
    AnnouncedServers announced(*std::move(links), options.detail);
    fetch::Settings settings = fetch_settings(options, *std::move(keys));
    if (options.connect.empty())
        settings.source = &announced;
    if (const auto given_up = give_up_rights(settings.servers); !given_up)
        return fail_with(EX_OSERR, given_up.error());
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
