// run_network_hooks DIRECTORY MODE DEVICE DELAY_MS LIMIT_MS [CONNECT]: runs the network hooks as
// mandos-client does, says "done" on standard output when run() is over, and then passes on what hooks left
// running say, as long as they do. SIGTERM hurries them.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "loop/asio.h"
#include "programs/mandos-client/network_hooks.h"

namespace {

using mandos::client::HookSettings;
using mandos::client::NetworkHooks;
namespace io = mandos::io;

void rethrow(const std::exception_ptr& thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

io::awaitable<void> run(NetworkHooks& hooks, NetworkHooks::Mode mode, io::signal_set& signals) {
    co_await hooks.run(mode);
    signals.cancel();
    fmt::print("done\n");
    (void)std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        fmt::print(stderr, "usage: run_network_hooks DIRECTORY MODE DEVICE DELAY_MS LIMIT_MS [CONNECT]\n");
        return EXIT_FAILURE;
    }
    HookSettings settings{.directory = argv[1], .device = argv[3]};
    settings.delay = std::chrono::milliseconds(std::stoi(argv[4]));
    settings.limit = std::chrono::milliseconds(std::stoi(argv[5]));
    if (argc > 6)
        settings.server = argv[6];
    const bool start = std::string_view(argv[2]) == "start";

    io::io_context loop(1);
    NetworkHooks hooks(loop.get_executor(), std::move(settings));
    io::signal_set signals(loop, SIGTERM);
    signals.async_wait([&hooks](const std::error_code& error, int /*number*/) {
        if (!error)
            hooks.hurry();
    });
    const auto mode = start ? NetworkHooks::Mode::Start : NetworkHooks::Mode::Stop;
    io::co_spawn(loop, run(hooks, mode, signals), rethrow);
    loop.run();
    return EXIT_SUCCESS;
}
