// watch_network DELAY_MS SERVERS [INTERFACE...]: brings the network up as mandos-client does (SERVERS:
// "looked-for" or "given"), says on standard output what comes ("came NAME") and leaves ("left INDEX"), and
// undoes it all at SIGTERM.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "core/links.h"
#include "loop/asio.h"
#include "programs/mandos-client/network.h"

namespace io = mandos::io;
using mandos::client::Network;
using mandos::core::Links;

namespace {

void tell(std::string_view line) {
    fmt::print("{}\n", line);
    (void)std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: watch_network DELAY_MS looked-for|given [INTERFACE...]\n");
        return EXIT_FAILURE;
    }
    Links::Settings settings{.names = {argv + 3, argv + argc},
                             .servers = std::string_view(argv[2]) == "given" ? Links::Servers::Given
                                                                             : Links::Servers::LookedFor,
                             .delay = std::chrono::milliseconds(std::stoi(argv[1]))};
    io::io_context loop(1);
    Network network(loop.get_executor(), std::move(settings),
                    {.came = [](std::uint32_t, std::string_view name) { tell(fmt::format("came {}", name)); },
                     .left = [](std::uint32_t index) { tell(fmt::format("left {}", index)); },
                     .problem = [](std::string_view line) { fmt::print(stderr, "{}\n", line); }});
    io::signal_set signals(loop, SIGTERM);
    signals.async_wait([&loop](const std::error_code&, int) { loop.stop(); });
    if (const auto started = network.start(); !started) {
        fmt::print(stderr, "{}\n", started.error().text());
        return EXIT_FAILURE;
    }
    tell("started");
    loop.run();
    network.end();
    return EXIT_SUCCESS;
}
