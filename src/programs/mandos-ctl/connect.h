// The way to the server, with what to say when there is none.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/error.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/server.h"
#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

struct Reached {
    Server server;
    std::vector<Client> clients; // sorted by name
};

// The server and its clients. Nothing: it cannot be reached, and the user has been told why.
std::optional<Reached> reach_server(Trace trace, std::chrono::milliseconds limit = std::chrono::seconds(25));

// The server alone, which is called when it is asked something. Nothing: there is no bus, and the user has
// been told.
std::optional<Server> open_server(Trace trace);

// Tells the user of ERROR, which a call to the server ended with, and what may help.
Status failed(const Error& error);

// What may help against an error of a call to the server; empty: nothing is known to.
const char* hint_for(const Error& error);

} // namespace mandos::ctl
