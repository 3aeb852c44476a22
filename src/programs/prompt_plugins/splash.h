// What the plugins for splash screens do alike. A splash daemon takes the answer to a question whose asker is
// gone, and shows the question for ever: when a plugin is ended while it asks, the daemon has to be ended and
// started again, which takes root.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <sys/types.h>

#include "adapters/processes/find.h"
#include "adapters/processes/run.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/rights.h"

namespace mandos::prompt_plugins {

// The first of PATHS that can be executed; empty: none.
std::string first_executable(const std::vector<std::string>& paths);

// One that root runs from one of PATHS, by its executable or by the name it was started by.
processes::Wanted run_by_root(std::vector<std::string> paths);

// Says each of its steps with --debug.
class Splash {
  public:
    Splash(const Plugin& plugin, Detail detail, Rights rights, processes::EndingSignals signals)
        : plugin_(plugin), detail_(detail), rights_(rights), signals_(std::move(signals)) {}

    const Rights& rights() const { return rights_; }
    const processes::EndingSignals& signals() const { return signals_; }

    // Runs ARGUMENTS with all rights there are and a limit on its time; its output is dropped, no signal
    // interrupts.
    processes::Outcome command(std::vector<std::string> arguments) const;
    // The same without a limit, with our standard output, until a signal comes.
    processes::Outcome question(std::vector<std::string> arguments) const;
    // Starts a daemon.
    processes::Outcome daemon(std::vector<std::string> arguments) const;

    // Waits for the end of OLD, which was told to end, and kills it where it does not.
    void see_off(pid_t old) const;
    // The same after telling it.
    void end(pid_t old) const;
    void step(std::string_view line) const;

  private:
    void send(int signal, pid_t process) const;
    processes::Outcome run(const processes::Command& command, const processes::EndingSignals* signals) const;

    const Plugin& plugin_;
    Detail detail_;
    Rights rights_;
    processes::EndingSignals signals_;
};

struct Begun {
    Options options;
    Splash splash;
};

// What each of them does first: prepares the process, sets root's rights aside, reads the options, holds the
// signals that end it. Or the exit status where there is nothing left to do, or it failed, which has been
// said.
std::variant<Begun, int> begin(const Plugin& plugin, int argc, char** argv);

} // namespace mandos::prompt_plugins
