// watch_network [ip=... vlan=... rd.route=... dhcp]... DELAY_MS SERVERS [INTERFACE...]: brings the network up
// as mandos-client does (SERVERS: "looked-for" or "given"), says on standard output what comes ("came NAME")
// and leaves ("left INDEX"), and undoes it all at SIGTERM. What stands in front is as on the kernel's command
// line; "dhcp": IPv4 beyond the link may be needed.
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"
#include "core/addressing.h"
#include "core/links.h"
#include "loop/asio.h"
#include "programs/mandos-client/network.h"
#include "wire/kernel_network.h"

namespace io = mandos::io;
using mandos::client::Network;
using mandos::core::AddressingSettings;
using mandos::core::Links;

namespace {

void tell(std::string_view line) {
    fmt::print("{}\n", line);
    (void)std::fflush(stdout);
}

} // namespace

namespace {

template <class Setting>
void take(std::vector<Setting>& settings, mandos::Result<Setting> parsed) {
    if (parsed)
        settings.push_back(*std::move(parsed));
    else
        fmt::print(stderr, "{}\n", parsed.error().text());
}

// Whether WORD is a setting of ADDRESSING.
bool take_setting(AddressingSettings& addressing, std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
    if (name == "ip")
        take(addressing.wanted.addresses, mandos::wire::parse_ip_parameter(value));
    else if (name == "vlan")
        take(addressing.wanted.vlans, mandos::wire::parse_vlan_parameter(value));
    else if (name == "rd.route")
        take(addressing.wanted.routes, mandos::wire::parse_route_parameter(value));
    else if (name == "dhcp")
        addressing.needed = mandos::core::Beyond::Ipv4;
    else
        return false;
    return true;
}

} // namespace

int main(int argc, char** argv) {
    AddressingSettings addressing;
    for (; argc > 1 && take_setting(addressing, argv[1]); --argc)
        ++argv;
    if (argc < 3) {
        fmt::print(stderr, "usage: watch_network [SETTING...] DELAY_MS looked-for|given [INTERFACE...]\n");
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
                     .problem = [](std::string_view line) { fmt::print(stderr, "{}\n", line); }},
                    std::move(addressing));
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
