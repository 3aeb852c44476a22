// mandos: the server. Reads what it must as root, gives that up, and serves.
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "base/error.h"
#include "base/version.h"
#include "loop/held_signals.h"
#include "programs/mandos/daemon.h"
#include "programs/mandos/options.h"
#include "programs/mandos/self_check.h"
#include "programs/mandos/serve.h"
#include "programs/mandos/settings.h"
#include "programs/mandos/start.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace {

using mandos::Result;
using namespace mandos::server; // NOLINT(google-build-using-namespace): this is its main program

constexpr int exit_usage = 2;

int usage_error(const std::string& text) {
    fmt::print(stderr, "mandos: {}\n", text);
    return exit_usage;
}

// From the settings to the end of the service.
Result<void> run(const Settings& settings, mandos::service::Manager& manager, mandos::log::Log& log,
                 mandos::loop::HeldSignals& held) {
    std::optional<Daemon> daemon;
    if (!settings.foreground)
        daemon = MANDOS_TRY(Daemon::start());
    Service service = MANDOS_TRY(start(settings, manager, log));
    Starting starting{.handles_signals = [&held] { held.release(); },
                      .is_ready = [&settings, &log, &daemon]() -> Result<void> {
                          if (daemon)
                              MANDOS_TRY(daemon->ready());
                          log.set_copy(settings.debug ? mandos::log::Copy::Always
                                                      : mandos::log::Copy::WhenNoSystemLog);
                          return {};
                      }};
    return serve(std::move(service), manager, log, std::move(starting));
}

} // namespace

int main(int argc, char** argv) {
    const Result<CommandLine> command_line = read_command_line(argc, argv);
    if (!command_line)
        return usage_error(command_line.error().text());
    if (command_line->help) {
        fmt::print("{}", help_text());
        return 0;
    }
    if (command_line->version) {
        fmt::print("mandos {}\n", mandos::version());
        return 0;
    }
    const mandos::wire::MandosConfParsed file = read_mandos_conf(command_line->config_directory);
    const Settings settings = merge(*command_line, file.conf);
    if (command_line->check)
        return check_everything(settings, file.findings);
    mandos::service::Manager manager = mandos::service::Manager::from_environment();
    if (!settings.zeroconf && settings.port == 0U && !settings.socket && !manager.has_socket())
        return usage_error(
            "without Zeroconf nobody can find a port that the kernel chooses: give --port or --socket");

    // What comes while it starts is done as soon as it can be.
    mandos::loop::HeldSignals held({SIGTERM, SIGINT, SIGHUP});
    // Until the server works, whoever starts it sees every line.
    mandos::log::Log log({.service_name = settings.service_name,
                          .level = settings.log_level,
                          .copy = mandos::log::Copy::Always});
    if (!report(file.findings, log))
        return 1;
    const Result<void> outcome = run(settings, manager, log, held);
    if (!outcome)
        log.write(mandos::wire::LogLevel::Critical, outcome.error().text());
    return outcome ? 0 : 1;
}
