// Shells: commands run by /bin/sh, each in a process group of its own, without terminal, input or output.
// Invariant: every process is reaped; when a command has ended, by itself, at its time limit or because it
// was stopped, all that is left in its group is killed. Only so many run at a time; the others wait their
// turn. Used by the server, which has several threads: nothing here forks. All calls are on one strand.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "loop/asio.h"

namespace mandos::checker {

enum class ShellErrors { Discarded, Inherited }; // where standard error goes: nowhere, or where ours goes

struct ShellEnded {
    int wait_status = 0; // as waitpid(2) gives it
    bool timed_out = false;
};

class Shells {
  public:
    using Id = std::uint64_t;
    using Handler = std::move_only_function<void(Result<ShellEnded>)>;

    struct Limits {
        std::size_t at_a_time;
        std::chrono::milliseconds grace; // from SIGTERM to SIGKILL
    };

    Shells(const io::any_io_executor& strand, ShellErrors errors, Limits limits);
    Shells(const Shells&) = delete;
    Shells& operator=(const Shells&) = delete;
    // Kills and reaps all that still run, at once.
    ~Shells();

    // Runs COMMAND in "/" with the environment of this process, no signal blocked or ignored, and none of its
    // descriptors. It may take LIMIT, counted from when it is its turn; then its group gets SIGTERM, and
    // SIGKILL when the grace is over. DONE is called when it is reaped, never from within start().
    // System: no process can be made.
    Id start(std::string command, std::chrono::milliseconds limit, Handler done);

    // Ends it in the same way; its handler is not called. The loop goes on until it is reaped.
    void stop(Id id);

  private:
    class Parts;
    // Shared with handlers that are already queued.
    std::shared_ptr<Parts> parts_;
    Id last_ = 0;
};

} // namespace mandos::checker
