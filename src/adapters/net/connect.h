// A TCP connection of ours to a server: begun without blocking, over by a deadline.
#pragma once

#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::net {

// A connected socket that sends without delay and notices a peer that vanished (keep-alive); its deadline is
// DEADLINE. TimedOut; System: what connect(2) says, among it ECONNREFUSED.
io::awaitable<Result<loop::Watch>> connect_to(Endpoint endpoint, loop::Watch::Deadline deadline);

// Its two halves, for who waits in another way: a non-blocking socket that is being connected; and, once it
// can be written to, whether it is. System: what connect(2) says.
Result<UniqueFd> begin_connecting(const Endpoint& endpoint);
Result<void> end_connecting(int socket);

// Acknowledges what comes next at once (tcp(7), TCP_QUICKACK; to be said before each wait). A Mandos 1.8
// server sends its last handshake message only when the one before it is acknowledged, which else takes 40
// ms.
void acknowledge_at_once(int socket);

} // namespace mandos::net
