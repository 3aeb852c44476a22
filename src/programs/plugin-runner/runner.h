// Runner: starts plugins, takes what they write, and ends them. One poll(2) waits for all, so that no plugin
// keeps another's password back. When none is left that may still give one, a person is asked ("Password: ").
// Invariant: no process of a plugin that is in our session is left after end(), and the terminal is as it
// was. There is one in a program, with one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/password_process/password_process.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/plugin_life.h"
#include "core/time.h"
#include "loop/held_signals.h"
#include "programs/plugin-runner/console.h"
#include "programs/plugin-runner/options.h"
#include "programs/plugin-runner/plugin_directory.h"
#include "programs/plugin-runner/terminal_state.h"

namespace mandos::runner {

// Neither: nobody gave a password.
struct Outcome {
    std::optional<SecretBytes> password;
    int signal = 0; // that asked this program to end
};

class Runner {
  public:
    // What signals come through. System: there are no descriptors left.
    static Result<UniqueFd> watch_signals();

    // SIGNALS is what that returned. The others are used, not kept.
    Runner(const Options& options, Console& console, const TerminalState& terminal, UniqueFd signals);

    // Starts each plugin of DIRECTORY, which is kept.
    void start(PluginDirectory directory);
    Outcome run();
    // Writes all of it to standard output, which is closed then. TimedOut: nobody reads it.
    Result<void> deliver(const SecretBytes& password);
    // Asks all that still run to end, and kills what has not after a grace, or at a second signal.
    void end();

  private:
    struct Plugin {
        Plugin(std::string its_name, const PluginFile* its_file, core::Time now)
            : name(std::move(its_name)), file(its_file), life(now) {}

        std::string name;
        const PluginFile* file;                    // nullptr: it is the prompt
        password_process::PasswordProcess process; // pid -1: it has ended
        core::PluginLife life;
        SecretBytes output;
        std::size_t filled = 0; // bytes of output
        bool given_up = false;
    };

    Result<password_process::PasswordProcess> start_process(const PluginFile& file) const;
    void start_again(Plugin& plugin, core::Time now);
    void start_prompt();
    bool is_anything_running() const;

    // Waits for something to happen, at most until FIRST, and lets it happen.
    void wait(std::optional<core::Time> first);
    std::optional<core::Time> first_deadline() const;
    void take_signals();
    void reap();
    void has_ended(Plugin& plugin, int wait_status, core::Time now);
    void take_output(Plugin& plugin, core::Time now);
    void take_errors(Plugin& plugin, core::Time now);
    void times(core::Time now);
    void give_up(Plugin& plugin);
    void signal_all(int number);
    void detail(std::string_view line);

    const Options& options_;
    Console& console_;
    const TerminalState& terminal_;
    loop::HeldSignals held_;
    UniqueFd signals_;
    PluginDirectory directory_;
    std::vector<std::unique_ptr<Plugin>> plugins_;
    bool asked_ = false; // a person, for the password
    int signal_ = 0;     // the last one that asks this program to end
};

} // namespace mandos::runner
