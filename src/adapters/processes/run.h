// Another program, run to its end by a program that waits for nothing else but the signals that end it. No
// shell, no search path. For programs with one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::processes {

// SIGHUP, SIGINT, SIGQUIT and SIGTERM wait in a descriptor from its making on, apart from those that whoever
// started this program had ignored.
class EndingSignals {
  public:
    static Result<EndingSignals> hold();

    int descriptor() const { return descriptor_.get(); }
    // The one that came first; nothing: none came.
    std::optional<int> take() const;

  private:
    explicit EndingSignals(UniqueFd descriptor) : descriptor_(std::move(descriptor)) {}
    UniqueFd descriptor_;
};

struct Command {
    std::vector<std::string> arguments; // the first is the path of the program
    enum class Output { Dropped, Ours };
    Output output = Output::Dropped;
    enum class User { AsWeAre, Root }; // Root: for who has it as saved user
    User user = User::AsWeAre;
    enum class Life { EndsWithUs, ItsOwn }; // ItsOwn: a daemon, in a session of its own
    Life life = Life::EndsWithUs;
};

struct Outcome {
    enum class How {
        Exited,      // number: its status; 127: there is no such program, or it cannot be executed
        Killed,      // number: by which signal
        Interrupted, // number: which signal came for us
        TimedOut,
    };
    How how = How::Exited;
    int number = 0;

    bool succeeded() const { return how == How::Exited && number == 0; }
};

// Until its end, LIMIT or a signal for us. Interrupted or TimedOut: it has been killed and is gone, but one
// with a life of its own, which goes on. SIGNALS may be nullptr: none interrupts.
Result<Outcome> run(const Command& command, const EndingSignals* signals,
                    std::optional<std::chrono::milliseconds> limit);

// As USER. A process that has ended meanwhile is no error.
Result<void> send_signal(pid_t process, int signal, Command::User user);

// Waits until the process PID, which is no child of ours, has ended. TimedOut: it has not within LIMIT.
Result<void> wait_for_end(pid_t pid, std::chrono::milliseconds limit);

} // namespace mandos::processes
