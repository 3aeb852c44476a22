// Checkers: runs one check of a client at a time, and tells how it ended. When to check, and what follows
// from it, is not its business. The two checkers that nearly everybody has are built in, and need no process:
// an ICMP echo for the default one, and a look at the SSH host key for the one that mandos-keygen prints;
// every other command is run by a shell. Invariant: each started check ends once, with its handler or with
// stop(). All calls, and all handlers, are on one strand. Used by the engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/checker/ping_sockets.h"
#include "adapters/checker/shells.h"
#include "base/error.h"
#include "loop/asio.h"
#include "programs/mandos/check_outcome.h"
#include "wire/checker_command.h"

namespace mandos::server {

struct CheckRequest {
    std::string command;             // as configured: expanded at the start, %(attr)s still in it
    std::string host;                // "" where the client has none; for the built-in checks
    wire::AttributeLookup attribute; // asked before start() returns, and not kept
    // For the check as a whole, not counting the time that it waits for others; a built-in one ends earlier.
    std::chrono::milliseconds time_limit{};
};

struct CheckersOptions {
    // Without any, the default checker is run by a shell like all others.
    std::optional<checker::PingSockets> ping_sockets;
    checker::ShellErrors shell_errors = checker::ShellErrors::Discarded;
    std::uint16_t ssh_port = 22;
};

class Checkers {
  public:
    using Handler = std::move_only_function<void(CheckOutcome)>;

    Checkers(const io::any_io_executor& strand, CheckersOptions options);
    Checkers(const Checkers&) = delete;
    Checkers& operator=(const Checkers&) = delete;
    // Processes that still run are killed.
    ~Checkers();

    // Starts a check of CLIENT; one that is under way is stopped first. The command as a shell runs it (that
    // is what CheckerStarted tells). DONE is called later, never from within start(). Invalid: the command
    // cannot be expanded; nothing is started then.
    Result<std::string> start(std::uint32_t client, CheckRequest request, Handler done);

    // Ends the check of CLIENT, if there is one; its handler is not called. A process gets SIGTERM and, after
    // two seconds, SIGKILL, together with all it has started; the loop goes on until it is gone.
    void stop(std::uint32_t client);
    void stop_all();

    bool running(std::uint32_t client) const;

  private:
    class Parts;
    // Shared with handlers that are already queued.
    std::shared_ptr<Parts> parts_;
};

} // namespace mandos::server
