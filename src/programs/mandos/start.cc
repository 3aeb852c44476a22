#include "programs/mandos/start.h"

#include <expected>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "adapters/checker/ping_sockets.h"
#include "adapters/checker/shells.h"
#include "adapters/log/log.h"
#include "adapters/net/listen.h"
#include "adapters/privilege/user.h"
#include "adapters/service/service.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"
#include "programs/mandos/bus_service.h"
#include "programs/mandos/checkers.h"
#include "programs/mandos/clients.h"
#include "programs/mandos/configuration_process.h"
#include "programs/mandos/daemon.h"
#include "programs/mandos/log_queries.h"
#include "programs/mandos/serve.h"
#include "programs/mandos/settings.h"
#include "programs/mandos/state.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

using wire::LogLevel;

Result<UniqueFd> open_socket(const Settings& settings, service::Manager& manager) {
    std::optional<UniqueFd> handed_over = MANDOS_TRY(manager.take_socket());
    if (handed_over)
        return net::adopt_listening_socket(std::move(*handed_over));
    if (!settings.socket)
        return net::listen_on({.address = settings.address,
                               .port = settings.port,
                               .interface = settings.interface,
                               .family = settings.use_ipv6 ? net::Family::Ipv6 : net::Family::Ipv4});
    UniqueFd given(*settings.socket);
    if (given.get() > STDERR_FILENO)
        return net::adopt_listening_socket(std::move(given));
    // A standard descriptor stays what it is: log lines must not end up in the listening socket.
    Result<UniqueFd> copy = given.duplicate();
    (void)given.release();
    if (!copy)
        return std::unexpected(std::move(copy).error());
    return net::adopt_listening_socket(std::move(*copy));
}

std::optional<BusService::Settings> bus_settings(const Settings& settings, const core::PeerAddress& own) {
    if (!settings.use_dbus)
        return std::nullopt;
    return BusService::Settings{.listening_on = {.address = own.host(), .port = own.port},
                                .audit = log_in(settings.state_directory),
                                .connection = {}};
}

CheckersOptions checkers_options(const Settings& settings, log::Log& log) {
    CheckersOptions options;
    if (settings.debug)
        options.shell_errors = checker::ShellErrors::Inherited;
    Result<checker::PingSockets> sockets = checker::PingSockets::open();
    if (sockets)
        options.ping_sockets = std::move(*sockets);
    else
        log.write(LogLevel::Warning,
                  fmt::format("{}; the default checker runs fping instead", sockets.error().text()));
    return options;
}

// What this version leaves out must not come as a surprise.
void tell_what_is_missing(const Settings& settings, const core::PeerAddress& own, log::Log& log) {
    if (settings.zeroconf)
        log.write(LogLevel::Notice,
                  fmt::format("this version announces nothing by Zeroconf: clients need --connect "
                              "with an address of this server and port {}",
                              own.port));
}

} // namespace

bool report(const wire::Findings& findings, log::Log& log) {
    for (const wire::Finding& finding : findings)
        log.write(finding.severity == wire::Severity::Error ? LogLevel::Critical : LogLevel::Warning,
                  finding.describe());
    return !wire::has_errors(findings);
}

Result<Service> start(const Settings& settings, service::Manager& manager, log::Log& log) {
    tls::Context context =
        MANDOS_TRY_IN("option priority", tls::Context::for_mandos_server(settings.priority));
    ConfigurationProcess configuration = MANDOS_TRY(ConfigurationProcess::start(settings.config_directory));
    ClientsRead read = read_clients(settings.config_directory);
    if (!report(read.findings, log))
        return fail(ErrorKind::Invalid,
                    "not started: the configuration in {} has errors; mandos --check lists them",
                    settings.config_directory);
    UniqueFd socket = MANDOS_TRY(open_socket(settings, manager));
    const core::PeerAddress own = MANDOS_TRY(net::local_address(socket.get()));
    if (!settings.foreground)
        MANDOS_TRY(write_pid_file(pid_file_path()));
    CheckersOptions checkers = checkers_options(settings, log);
    const privilege::User user = privilege::mandos_user();
    MANDOS_TRY(make_state_directory(settings.state_directory, user));
    MANDOS_TRY(privilege::become(user));
    OpenedState state = MANDOS_TRY(open_state(settings, read.clients, manager, log));
    log.write(LogLevel::Info, fmt::format("listening on {}, {} clients", own.text(), read.clients.size()));
    tell_what_is_missing(settings, own, log);
    return Service{.socket = std::move(socket),
                   .context = std::move(context),
                   .clients = std::move(read.clients),
                   .store = std::move(state.store),
                   .stored = std::move(state.stored),
                   .configuration = std::move(configuration),
                   .checkers = std::move(checkers),
                   .bus = bus_settings(settings, own)};
}

} // namespace mandos::server
