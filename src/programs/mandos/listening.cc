#include "programs/mandos/listening.h"

#include <cerrno>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <net/if.h>
#include <unistd.h>

#include "adapters/log/log.h"
#include "adapters/net/listen.h"
#include "adapters/service/service.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"
#include "core/server_address.h"
#include "core/service_name.h"
#include "programs/mandos/announcer.h"
#include "programs/mandos/responder.h"
#include "programs/mandos/settings.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

using wire::LogLevel;

Result<UniqueFd> adopt(int descriptor) {
    UniqueFd given(descriptor);
    if (given.get() > STDERR_FILENO)
        return net::adopt_listening_socket(std::move(given));
    // A standard descriptor stays what it is: log lines must not end up in the listening socket.
    Result<UniqueFd> copy = given.duplicate();
    (void)given.release();
    if (!copy)
        return std::unexpected(std::move(copy).error());
    return net::adopt_listening_socket(std::move(*copy));
}

Result<UniqueFd> listen_by(const Settings& settings, log::Log& log) {
    net::ListenSettings where{.address = settings.address,
                              .port = settings.port.value_or(core::default_port),
                              .interface = settings.interface,
                              .family = settings.use_ipv6 ? net::Family::Ipv6 : net::Family::Ipv4};
    Result<UniqueFd> socket = net::listen_on(where);
    if (socket || settings.port || !settings.zeroconf || socket.error().code() != EADDRINUSE)
        return socket;
    where.port = 0;
    Result<UniqueFd> other = net::listen_on(where);
    if (!other)
        return other;
    const core::PeerAddress own = MANDOS_TRY(net::local_address(other->get()));
    log.write(LogLevel::Warning,
              fmt::format("{}: this server has port {} until it is restarted; clients that search find it, "
                          "those with --connect need a port that is set here",
                          socket.error().text(), own.port));
    return other;
}

Result<std::int32_t> interface_index(const std::string& interface) {
    if (interface.empty())
        return -1; // all, as Avahi writes it
    const unsigned index = if_nametoindex(interface.c_str());
    if (index == 0)
        return fail(ErrorKind::NotFound, "there is no network interface {}; see: ip link", quoted(interface));
    return static_cast<std::int32_t>(index);
}

} // namespace

Result<UniqueFd> open_listening_socket(const Settings& settings, service::Manager& manager, log::Log& log) {
    std::optional<UniqueFd> handed_over = MANDOS_TRY(manager.take_socket());
    if (handed_over)
        return net::adopt_listening_socket(std::move(*handed_over));
    return settings.socket ? adopt(*settings.socket) : listen_by(settings, log);
}

Result<void> check_interface(const std::string& interface) {
    (void)MANDOS_TRY(interface_index(interface));
    return {};
}

Result<void> check_announcement(const Settings& settings) {
    if (!settings.zeroconf)
        return {};
    return core::check_service_name(settings.service_name);
}

Result<std::optional<Announcer::Settings>> what_to_announce(const Settings& settings, int socket,
                                                            const core::PeerAddress& own, log::Log& log) {
    if (!settings.zeroconf)
        return std::nullopt;
    if (own.is_loopback()) {
        log.write(LogLevel::Notice, fmt::format("not announced: no other machine reaches {}", own.text()));
        return std::nullopt;
    }
    std::string interface = MANDOS_TRY(net::bound_interface(socket));
    if (interface.empty())
        interface = settings.interface; // of a socket that was handed over
    const std::int32_t index = MANDOS_TRY(interface_index(interface));
    return Announcer::Settings{
        .name = settings.service_name,
        .service = {.port = own.port,
                    .family = own.is_ipv4() ? AnnouncedService::Family::Ipv4 : AnnouncedService::Family::Ipv6,
                    .address = own.host(),
                    .interface = std::move(interface),
                    .interface_index = index},
        .connection = {}};
}

} // namespace mandos::server
