#include "programs/mandos/listener.h"

#include <chrono>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "adapters/net/listen.h"
#include "adapters/tls/tls.h"
#include "base/check.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/admission.h"
#include "core/events.h"
#include "core/peer_address.h"
#include "loop/asio.h"
#include "programs/mandos/access_log.h"
#include "programs/mandos/connection.h"
#include "programs/mandos/engine.h"

namespace mandos::server {

Listener::Listener(io::io_context& loop, const io::any_io_executor& strand, UniqueFd socket,
                   const core::Admission::Limits& limits, Engine& engine, const tls::Context& context,
                   AccessLog& log)
    : loop_(loop),
      strand_(strand),
      engine_(engine),
      context_(context),
      log_(log),
      watch_(strand, std::move(socket)),
      pause_(strand),
      admission_(limits) {}

io::awaitable<Result<void>> Listener::run() {
    for (;;) {
        Result<std::optional<net::Accepted>> accepted = net::accept_next(watch_.descriptor());
        if (!accepted && accepted.error().kind() != ErrorKind::Exhausted)
            co_return std::unexpected(std::move(accepted).error());
        if (!accepted) {
            // Those who are in go on; when one has left, there is a descriptor again.
            std::error_code stopped;
            pause_.expires_after(std::chrono::milliseconds(100));
            co_await pause_.async_wait(io::redirect_error(io::use_awaitable, stopped));
            if (stopped)
                co_return Result<void>{};
            continue;
        }
        if (*accepted) {
            start(std::move(**accepted));
            continue;
        }
        if (const Result<void> waited = co_await watch_.readable(); !waited)
            co_return waited.error().kind() == ErrorKind::Interrupted ? Result<void>{} : waited;
    }
}

void Listener::start(net::Accepted accepted) {
    if (const Result<void> admitted = admission_.enter(accepted.peer); !admitted) {
        engine_.tell(core::PeerRefused{.peer = accepted.peer, .cause = admitted.error().text()});
        return;
    }
    log_.connected(accepted.peer);
    const auto id = static_cast<core::ConnectionId>(++last_id_);
    const io::any_io_executor strand = io::make_strand(loop_);
    const auto connection = std::make_shared<Connection>(strand, id, std::move(accepted), engine_, context_);
    connections_.emplace(id, connection);
    io::co_spawn(strand, serve(connection),
                 [](const std::exception_ptr& error) { check(!error, "a connection ends with a value"); });
}

// On the connection's strand; that it has ended is seen on the engine's.
io::awaitable<void> Listener::serve(std::shared_ptr<Connection> connection) {
    Result<void> outcome = co_await connection->serve();
    io::post(strand_, [this, id = connection->id(), outcome = std::move(outcome)] { ended(id, outcome); });
}

void Listener::ended(core::ConnectionId id, const Result<void>& outcome) {
    const auto found = connections_.extract(id);
    check(!found.empty(), "a connection ends once");
    const core::PeerAddress& peer = found.mapped()->peer();
    admission_.left(peer);
    log_.let_go(peer);
    if (!outcome && !found.mapped()->is_the_engines())
        engine_.tell(core::PeerRefused{.peer = peer, .cause = outcome.error().text()});
    if (connections_.empty() && all_ended_)
        std::exchange(all_ended_, {})();
}

void Listener::stop(std::move_only_function<void()> ended) {
    watch_.cancel();
    pause_.cancel();
    if (connections_.empty())
        return ended();
    all_ended_ = std::move(ended);
    for (const auto& [id, connection] : connections_)
        io::post(connection->strand(), [held = connection] { held->stop(); });
}

} // namespace mandos::server
