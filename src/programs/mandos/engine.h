// Engine: carries out what the core decides, on the one strand that decides. It has the clock and the store
// that the core lacks. Invariant: nothing that the core wants done is visible to anybody, no secret leaves
// and nobody is told that something is done, before the state and the audit record of it are durable. What
// happens within one turn of the loop is made durable together.
//
// Where the store fails, nothing is released until it works again; who asks is refused, and who acts is told.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/log/log.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/server.h"
#include "core/store.h"
#include "core/unsaved.h"
#include "loop/asio.h"
#include "programs/mandos/watcher.h"

namespace mandos::server {

class AccessLog;
class Checks;
class Connection;

class Engine {
  public:
    using Done = std::move_only_function<void(const Result<void>&)>;

    // STARTED is the core and what it wants done at its start. STORE, LOG and ACCESS_LOG outlive the engine.
    Engine(const io::any_io_executor& strand, std::pair<core::Server, core::Actions> started,
           core::Store& store, log::Log& log, AccessLog& access_log);

    // CHECKS and WATCHER outlive the engine's last turn.
    void set_checks(Checks& checks) { checks_ = &checks; }
    void set_watcher(Watcher& watcher) { watcher_ = &watcher; }

    // CONNECTION has proved KEY_ID and asks for the secret: its answer() is called, unless gone() is said
    // before. From any strand.
    void ask(std::shared_ptr<Connection> connection, core::KeyId key_id);
    // The connection ended before it was answered. From any strand.
    void gone(core::ConnectionId connection);
    // Something happened that nobody waits for. From any strand.
    void tell(core::Event event);

    // The rest on the engine's strand.

    // Something happened; DONE is called when all that comes of it is durable and done, or with what failed.
    void act(const core::Event& event, Done done);
    // Of a check that runs, and of how it ended (WAIT_STATUS as waitpid(2) gives it). COMMAND is what a shell
    // is or would have been given.
    void check_started(core::ClientId client, const std::string& command);
    void check_ended(core::ClientId client, core::CheckId check, int wait_status, std::string command);

    // What is left of this turn is done now, not in its own time. An error: the store failed.
    Result<void> settle();
    // The last event. Nothing is waited for any more.
    void stop();

    const core::Server& server() const { return server_; }

  private:
    enum class Stored { Yes, No }; // what the turn came to

    void take(core::Actions actions);
    Result<void> commit();
    void commit_failed(const Error& error);
    void carry_out(core::Action& action, Stored stored);
    void answer(core::ConnectionId connection, Result<core::Release> answer);
    void set_timer();
    void save_soon();

    const io::any_io_executor strand_;
    core::Store& store_;
    log::Log& log_;
    AccessLog& access_log_;
    Checks* checks_ = nullptr;
    Watcher* watcher_ = nullptr;
    core::Server server_;
    io::steady_timer timer_;      // the core's next deadline
    io::steady_timer soon_timer_; // for what is to be saved soon
    bool soon_is_set_ = false;
    bool store_failed_ = false;
    bool stopped_ = false;

    // Of this turn.
    bool settling_ = false; // a turn's end is on its way
    core::Actions actions_;
    std::vector<Done> done_;
    std::uint64_t next_record_ = 0; // the number of the next one that is told of, where they were stored
    core::Unsaved unsaved_;         // keeps what the store did not take

    std::unordered_map<core::ConnectionId, std::shared_ptr<Connection>> asking_;
};

} // namespace mandos::server
