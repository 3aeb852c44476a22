// mandos-monitor: shows all clients of the Mandos server of this machine on a whole screen, as they change,
// and lets a person approve, deny, enable, disable and remove them. It asks the server over the system's
// message bus.
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <sysexits.h>

#include "adapters/screen/screen.h"
#include "base/command_line.h"
#include "base/error.h"
#include "base/version.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/monitor.h"
#include "programs/mandos-monitor/server.h"
#include "programs/mandos-monitor/signals.h"

namespace mandos::monitor {

namespace {

enum class Ask { Screen, Help, Version };

std::vector<Option> options_for(Ask& asked) {
    const auto ask = [&asked](Ask what) {
        return [&asked, what](std::string_view /*value*/) -> Result<void> {
            asked = what;
            return {};
        };
    };
    return {{'h', "help", nullptr, "show this help", ask(Ask::Help)},
            {0, "version", nullptr, "show the version", ask(Ask::Version)}};
}

int fail_with(int status, const Error& error) {
    fmt::print(stderr, "mandos-monitor: {}\n", error.text());
    return status;
}

Result<int> run_on_screen() {
    const screen::Characters characters = screen::use_locale_of_environment();
    const Signals signals = MANDOS_TRY(Signals::hold());
    Model model(wall_clock());
    Server server(model, wall_clock);
    // Last, so that the terminal is given back before anything else ends.
    const auto terminal = MANDOS_TRY(screen::Screen::open());
    return watch(model, server, *terminal, signals, characters);
}

int run(int argc, char** argv) {
    Ask asked = Ask::Screen;
    const std::vector<Option> options = options_for(asked);
    if (const auto parsed = parse_command_line(options, argc, argv); !parsed)
        return fail_with(EX_USAGE, parsed.error());
    switch (asked) {
    case Ask::Help:
        fmt::print(
            "Usage: mandos-monitor [OPTION...]\n"
            "Shows the clients of this machine's Mandos server, and what is to be decided about them.\n\n{}",
            describe_options(options));
        return EXIT_SUCCESS;
    case Ask::Version:
        fmt::print("mandos-monitor {}\n", version());
        return EXIT_SUCCESS;
    case Ask::Screen:
        break;
    }
    const auto status = run_on_screen();
    return status ? *status : fail_with(EX_UNAVAILABLE, status.error());
}

} // namespace

} // namespace mandos::monitor

int main(int argc, char** argv) {
    return mandos::monitor::run(argc, argv);
}
