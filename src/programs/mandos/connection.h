// One connection of the server, from its acceptance to its end: a coroutine that reads like the protocol
// (read the line, shake hands, ask the engine, send, say goodbye). Its whole budget in time is in serve(). It
// lives on its own strand; only the engine's answer comes from elsewhere, posted to that strand.
#pragma once

#include <memory>
#include <optional>

#include "adapters/net/listen.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/peer_address.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::server {

class Engine;

// Shared by its own coroutine and by what the engine posts to its strand: whoever comes last lets it go.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // ENGINE and CONTEXT outlive it.
    Connection(const io::any_io_executor& strand, core::ConnectionId id, net::Accepted accepted,
               Engine& engine, const tls::Context& context);

    // Serves the peer. An error: it got nothing; the text says why, and what it should have done.
    io::awaitable<Result<void>> serve();

    // The engine's answer. On the strand.
    void answer(Result<core::Release> answer);
    // The server stops: a secret that is on its way gets there, everything else ends. On the strand.
    void stop();

    // Whether it left its fate to the engine, which then records what came of it. After its end.
    bool is_the_engines() const { return is_the_engines_; }

    core::ConnectionId id() const { return id_; }
    const core::PeerAddress& peer() const { return peer_; }
    const io::any_io_executor& strand() const { return strand_; }

  private:
    io::awaitable<Result<void>> read_protocol_line();
    io::awaitable<Result<core::Release>> ask_for_secret();
    io::awaitable<Result<core::Release>> wait_for_answer();
    io::awaitable<Result<void>> deliver(const core::Release& release);
    io::awaitable<void> say_goodbye();
    void limit_step(loop::Watch::Deadline::duration time);

    const io::any_io_executor strand_;
    const core::ConnectionId id_;
    const core::PeerAddress peer_;
    Engine& engine_;
    const tls::Context& context_;
    loop::Watch watch_;
    loop::Watch::Deadline end_;           // of everything but waiting for approval
    std::optional<tls::Session> session_; // from the handshake on; goes before the socket
    std::optional<Result<core::Release>> answer_;
    bool is_the_engines_ = false;
    bool is_delivering_ = false;
};

} // namespace mandos::server
