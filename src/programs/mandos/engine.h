// Engine: carries out what the core decides, on the one strand that decides. It has the clock that the core
// lacks: it tells it when time has passed, and posts late answers to the connections that wait for them.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "core/key_id.h"
#include "core/server.h"
#include "loop/asio.h"

namespace mandos::server {

class AccessLog;
class Connection;

class Engine {
  public:
    // LOG outlives it, and is used on STRAND only.
    Engine(const io::any_io_executor& strand, core::Server server, AccessLog& log);

    // Asks for the secret of who has proved KEY_ID. The answer; or nothing: then CONNECTION.answer() is
    // called later, unless gone() is said before. An answer without a secret is Denied, with the reason for
    // the log. From any strand; the caller goes on on the engine's and has to leave it.
    io::awaitable<std::optional<Result<core::Release>>> ask(std::shared_ptr<Connection> connection,
                                                            core::KeyId key_id);

    // The connection ended before it was answered. From any strand.
    void gone(core::ConnectionId connection);

    // Nothing is waited for any more. On the engine's strand.
    void stop();

  private:
    void handle_time();
    void set_timer();
    void answer(core::ConnectionId connection, Result<core::Release> answer);

    const io::any_io_executor strand_;
    AccessLog& log_;
    core::Server server_;
    io::steady_timer timer_;
    std::unordered_map<core::ConnectionId, std::shared_ptr<Connection>> waiting_;
};

} // namespace mandos::server
