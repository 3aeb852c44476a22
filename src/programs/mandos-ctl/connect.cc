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
#include "programs/mandos-ctl/status.h"

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

std::optional<Server> open_server(Trace trace) {
    Result<bus::Bus> connection = bus::Bus::open_system();
    if (!connection) {
        complain(connection.error().text(),
                 "is D-Bus running on this machine? the Mandos server is reached over it");
        return std::nullopt;
    }
    return Server(std::move(*connection), trace);
}

Status failed(const Error& error) {
    if (error.kind() == ErrorKind::Unsupported)
        complain(error.text(), "the running server has no such ability: is it Mandos 1.8?");
    else if (error.kind() == ErrorKind::Invalid || error.kind() == ErrorKind::System)
        say(error.text()); // the server has said what is wrong
    else
        complain(error.text(), hint_for(error));
    return Failure;
}

std::optional<Reached> reach_server(Trace trace, std::chrono::milliseconds limit) {
    std::optional<Server> opened = open_server(trace);
    if (!opened)
        return std::nullopt;
    Server server = std::move(*opened);
    Result<std::vector<Client>> clients = server.clients(limit);
    if (!clients) {
        complain(Error(clients.error()).context("could not connect to the Mandos server").text(),
                 hint_for(clients.error()));
        return std::nullopt;
    }
    return Reached{.server = std::move(server), .clients = std::move(*clients)};
}

} // namespace mandos::ctl
