// Endpoint: one address and port that can be connected to; and how a ServerAddress becomes some. Numeric ones
// do so at once, names in a child process, so that no slow name server holds anything up.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "base/error.h"
#include "core/server_address.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::net {

struct Endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;

    // "192.0.2.1:4711", "[fe80::1%eth0]:4711".
    std::string text() const;
    bool operator==(const Endpoint& other) const;
};

// The endpoint of a numeric address, with SCOPE (an interface; empty: none) where it is link-local and has
// none itself. Nothing: SERVER is a name. NotFound: there is no such interface (yet).
Result<std::optional<Endpoint>> numeric_endpoint(const core::ServerAddress& server, const std::string& scope);

constexpr std::size_t endpoints_of_a_name = 32; // more of them are left out

// All endpoints of a name, in the order that getaddrinfo(3) prefers, without duplicates. NotFound: there is
// no such name, or no address for it; TimedOut: at DEADLINE; System: no name server answered, and the like.
io::awaitable<Result<std::vector<Endpoint>>> look_up(core::ServerAddress server, std::string scope,
                                                     loop::Watch::Deadline deadline);

// The same, on the thread that calls it, however long that takes: for programs with several threads, which
// have loop::Workers for it.
Result<std::vector<Endpoint>> look_up_blocking(const core::ServerAddress& server, const std::string& scope);

} // namespace mandos::net
