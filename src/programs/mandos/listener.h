// Listener: accepts connections, keeps to the limits on them, starts each on a strand of its own, and knows
// all that are held. Everything here runs on the engine's strand; the connections themselves run on all
// threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "adapters/net/listen.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/admission.h"
#include "core/events.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos/access_log.h"
#include "programs/mandos/connection.h"
#include "programs/mandos/engine.h"

namespace mandos::server {

class Listener {
  public:
    // SOCKET is a listening one. All that is referred to outlives the listener.
    Listener(io::io_context& loop, const io::any_io_executor& strand, UniqueFd socket,
             const core::Admission::Limits& limits, Engine& engine, const tls::Context& context,
             AccessLog& log);

    // Accepts until stop(). An error: the socket has failed.
    io::awaitable<Result<void>> run();

    // No more connections; those that are held end, apart from secrets that are on their way. On the engine's
    // strand, where ENDED is called when there are none left, at once if there are none now.
    void stop(std::move_only_function<void()> ended);

  private:
    void start(net::Accepted accepted);
    io::awaitable<void> serve(std::shared_ptr<Connection> connection);
    void ended(core::ConnectionId id, const Result<void>& outcome);

    io::io_context& loop_;
    const io::any_io_executor strand_;
    Engine& engine_;
    const tls::Context& context_;
    AccessLog& log_;
    loop::Watch watch_;
    io::steady_timer pause_; // after running out of descriptors
    core::Admission admission_;
    std::uint64_t last_id_ = 0;
    std::unordered_map<core::ConnectionId, std::shared_ptr<Connection>> connections_;
    std::move_only_function<void()> all_ended_;
};

} // namespace mandos::server
