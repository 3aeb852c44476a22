// A TCP connection of ours to a server: begun without blocking, over by a deadline.
#pragma once

#include "adapters/net/resolve.h"
#include "base/error.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::net {

// A connected socket that sends without delay and notices a peer that vanished (keep-alive); its deadline is
// DEADLINE. TimedOut; System: what connect(2) says, among it ECONNREFUSED.
io::awaitable<Result<loop::Watch>> connect_to(Endpoint endpoint, loop::Watch::Deadline deadline);

} // namespace mandos::net
