#include "programs/mandos-client/fetcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <sysexits.h>

#include "base/duration.h"
#include "base/error.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/announced_servers.h"
#include "programs/mandos-client/key_files.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/options.h"
#include "programs/mandos-client/process.h"
#include "programs/mandos-client/retrieval.h"
#include "programs/mandos-client/two_processes.h"

namespace mandos::client {

namespace {

int fail_with(int status, const Error& error) {
    say(error.text());
    return status;
}

} // namespace

int fetch(const Options& options, Manager manager) {
    end_with(manager);
    prepare_for_secrets();
    auto keys = read_keys(options.keys);
    if (!keys)
        return fail_with(EX_UNAVAILABLE, keys.error());
    fetch::Settings settings = fetch_settings(options, *std::move(keys));
    if (const auto given_up = give_up_rights(settings.servers); !given_up)
        return fail_with(EX_OSERR, given_up.error());
    end_with(manager);
    const auto look =
        options.connect.empty() ? AnnouncedServers::Look::Everywhere : AnnouncedServers::Look::Nowhere;
    AnnouncedServers announced(std::move(manager.channel), look, options.detail);
    settings.source = &announced;
    if (options.detail == fetch::Detail::EachStep)
        say("the keys are read, and all rights given up; ready to ask servers");
    for (;;) {
        if (const auto status = retrieve(settings))
            return *status;
        pause_for(std::max<Duration>(settings.retry, std::chrono::seconds(1)));
    }
}

} // namespace mandos::client
