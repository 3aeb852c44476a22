#include "programs/mandos-ctl/connect.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/bus/bus.h"
#include "base/error.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/messages.h"
#include "programs/mandos-ctl/server.h"

namespace mandos::ctl {

const char* hint_for(const Error& error) {
    switch (error.kind()) {
    case ErrorKind::NotFound:
        return "is the Mandos server running, with D-Bus (without --no-dbus)?";
    case ErrorKind::Denied:
        return "only root and members of the group _mandos may talk to the server";
    case ErrorKind::TimedOut:
    case ErrorKind::PeerClosed:
        return "look into the log of the Mandos server: did it stop?";
    case ErrorKind::Unsupported:
    case ErrorKind::Invalid:
        return "is the running server of another version than mandos-ctl? look into its log";
    case ErrorKind::Exhausted:
    case ErrorKind::Interrupted:
    case ErrorKind::System:
        return "";
    }
    return "";
}

std::optional<Reached> reach_server(Trace trace, std::chrono::milliseconds limit) {
    Result<bus::Bus> connection = bus::Bus::open_system();
    if (!connection) {
        complain(connection.error().text(),
                 "is D-Bus running on this machine? the Mandos server is reached over it");
        return std::nullopt;
    }
    Server server(std::move(*connection), trace);
    Result<std::vector<Client>> clients = server.clients(limit);
    if (!clients) {
        complain(Error(clients.error()).context("could not connect to the Mandos server").text(),
                 hint_for(clients.error()));
        return std::nullopt;
    }
    return Reached{.server = std::move(server), .clients = std::move(*clients)};
}

} // namespace mandos::ctl
