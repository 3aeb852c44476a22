// Watch: one non-blocking descriptor that one coroutine waits for, with a deadline over all its waits.
// Invariant: no wait outlives the deadline, cancel(), or the Watch itself.
// It does no reading or writing: whoever owns the bytes (TLS, the protocol line) does, and waits here in
// between. Used by the server for each connection and by the client for each try. All calls come from one
// strand.
#pragma once

#include <chrono>
#include <memory>

#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

namespace mandos::loop {

class Watch {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    // Takes over FD, which must be non-blocking and something epoll(7) takes (a socket, a pipe).
    Watch(const io::any_io_executor& strand, UniqueFd fd);
    Watch(Watch&&) = default;
    Watch& operator=(Watch&&) = delete;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

    int descriptor() const;

    // From now on waits end at DEADLINE; it may be moved in both directions. None until first set.
    void set_deadline(Deadline deadline);

    // Wait until the descriptor can be read (or has ended), or written. TimedOut: the deadline passed.
    // Interrupted: interrupt() was called meanwhile, or cancel() now or before.
    io::awaitable<Result<void>> readable();
    io::awaitable<Result<void>> writable();

    // Ends the wait that is under way, if there is one, and only that.
    void interrupt();
    // Ends it and each later one at once.
    void cancel();

  private:
    struct State;
    // Shared with the handler of the timer, which may already be queued when the Watch goes.
    std::shared_ptr<State> state_;
};

} // namespace mandos::loop
