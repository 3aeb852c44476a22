// Where the server listens, from its settings: the socket, and what is announced of it.
#pragma once

#include <optional>
#include <string>

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/peer_address.h"
#include "programs/mandos/announcer.h"
#include "programs/mandos/settings.h"

namespace mandos::server {

// The socket that was handed over (by the service manager, or as --socket), else one of the settings' address
// and port; listening. Where no port is set and core::default_port is taken, it is one that the kernel
// chooses, and a warning; but not without Zeroconf, since nobody would find that.
Result<UniqueFd> open_listening_socket(const Settings& settings, service::Manager& manager, log::Log& log);

// Whether there is such an interface; the empty one, which is none, is fine.
Result<void> check_interface(const std::string& interface);

// Whether the service name can be announced, where it is to be.
Result<void> check_announcement(const Settings& settings);

// What is announced is what SOCKET, whose address is OWN, is bound to. Nothing: Zeroconf is off, or the
// socket is one that no other machine reaches, which is logged.
Result<std::optional<Announcer::Settings>> what_to_announce(const Settings& settings, int socket,
                                                            const core::PeerAddress& own, log::Log& log);

} // namespace mandos::server
