#include "programs/mandos/start.h"

#include <expected>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "adapters/log/log.h"
#include "adapters/net/listen.h"
#include "adapters/privilege/user.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"
#include "programs/mandos/clients.h"
#include "programs/mandos/daemon.h"
#include "programs/mandos/serve.h"
#include "programs/mandos/settings.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

using wire::LogLevel;

Result<UniqueFd> open_socket(const Settings& settings) {
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

// What this version leaves out must not come as a surprise.
void tell_what_is_missing(const Settings& settings, const core::PeerAddress& own, log::Log& log) {
    log.write(LogLevel::Warning,
              "this version runs no checkers: an enabled client stays enabled, and gets its secret, "
              "until clients.conf says `enabled = no` and the server is restarted");
    if (settings.zeroconf)
        log.write(LogLevel::Notice,
                  fmt::format("this version announces nothing by Zeroconf: clients need --connect "
                              "with an address of this server and port {}",
                              own.port));
    if (settings.use_dbus)
        log.write(LogLevel::Info, "this version has no D-Bus interface");
}

} // namespace

bool report(const wire::Findings& findings, log::Log& log) {
    for (const wire::Finding& finding : findings)
        log.write(finding.severity == wire::Severity::Error ? LogLevel::Critical : LogLevel::Warning,
                  finding.describe());
    return !wire::has_errors(findings);
}

Result<Service> start(const Settings& settings, log::Log& log) {
    tls::Context context =
        MANDOS_TRY_IN("option priority", tls::Context::for_mandos_server(settings.priority));
    ClientsRead read = read_clients(settings.config_directory);
    if (!report(read.findings, log))
        return fail(ErrorKind::Invalid,
                    "not started: the configuration in {} has errors; mandos --check lists them",
                    settings.config_directory);
    UniqueFd socket = MANDOS_TRY(open_socket(settings));
    const core::PeerAddress own = MANDOS_TRY(net::local_address(socket.get()));
    if (!settings.foreground)
        MANDOS_TRY(write_pid_file(pid_file_path()));
    MANDOS_TRY(privilege::become(privilege::mandos_user()));
    log.write(LogLevel::Info, fmt::format("listening on {}, {} clients", own.text(), read.clients.size()));
    tell_what_is_missing(settings, own, log);
    return Service{
        .socket = std::move(socket), .context = std::move(context), .clients = std::move(read.clients)};
}

} // namespace mandos::server
