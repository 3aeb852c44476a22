#include "programs/mandos-ctl/names.h"

#include <chrono>
#include <optional>
#include <string>

#include "base/command_line.h"
#include "base/error.h"
#include "base/say.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/connect.h"
#include "programs/mandos-ctl/messages.h"
#include "programs/mandos-ctl/server.h"
#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

namespace {

// Somebody who pressed the Tab key waits for it.
constexpr auto limit = std::chrono::seconds(3);

} // namespace

Status run_names(int argc, char** argv) {
    if (const Result<void> none = parse_command_line({}, argc, argv); !none) {
        say(none.error().text());
        return Usage;
    }
    const std::optional<Reached> reached = reach_server(Trace::Off, limit);
    if (!reached)
        return Failure;
    std::string names;
    for (const Client& client : reached->clients)
        names += client.name + "\n";
    if (const Result<void> told = tell(names); !told) {
        say(told.error().text());
        return Failure;
    }
    return Success;
}

} // namespace mandos::ctl
