#include "programs/mandos/start.h"

#include <optional>
#include <utility>

#include <fmt/core.h>

#include "adapters/checker/ping_sockets.h"
#include "adapters/checker/shells.h"
#include "adapters/log/log.h"
#include "adapters/net/listen.h"
#include "adapters/privilege/capabilities.h"
#include "adapters/privilege/user.h"
#include "adapters/service/service.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"
#include "programs/mandos/announcer.h"
#include "programs/mandos/bus_service.h"
#include "programs/mandos/checkers.h"
#include "programs/mandos/clients.h"
#include "programs/mandos/configuration_process.h"
#include "programs/mandos/daemon.h"
#include "programs/mandos/listening.h"
#include "programs/mandos/log_queries.h"
#include "programs/mandos/serve.h"
#include "programs/mandos/settings.h"
#include "programs/mandos/state.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

using wire::LogLevel;

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
    MANDOS_TRY_IN("option servicename", check_announcement(settings));
    ConfigurationProcess configuration = MANDOS_TRY(ConfigurationProcess::start(settings.config_directory));
    ClientsRead read = read_clients(settings.config_directory);
    if (!report(read.findings, log))
        return fail(ErrorKind::Invalid,
                    "not started: the configuration in {} has errors; mandos --check lists them",
                    settings.config_directory);
    UniqueFd socket = MANDOS_TRY(open_listening_socket(settings, manager, log));
    const core::PeerAddress own = MANDOS_TRY(net::local_address(socket.get()));
    std::optional<Announcer::Settings> announce =
        MANDOS_TRY(what_to_announce(settings, socket.get(), own, log));
    if (!settings.foreground)
        MANDOS_TRY(write_pid_file(pid_file_path()));
    CheckersOptions checkers = checkers_options(settings, log);
    const privilege::User user = privilege::mandos_user();
    MANDOS_TRY(make_state_directory(settings.state_directory, user));
    MANDOS_TRY(privilege::become(user));
    MANDOS_TRY(privilege::keep_pinging_for_commands());
    OpenedState state = MANDOS_TRY(open_state(settings, read.clients, manager, log));
    log.write(LogLevel::Info, fmt::format("listening on {}, {} clients", own.text(), read.clients.size()));
    return Service{.socket = std::move(socket),
                   .context = std::move(context),
                   .clients = std::move(read.clients),
                   .store = std::move(state.store),
                   .stored = std::move(state.stored),
                   .configuration = std::move(configuration),
                   .checkers = std::move(checkers),
                   .bus = bus_settings(settings, own),
                   .announce = std::move(announce)};
}

} // namespace mandos::server
