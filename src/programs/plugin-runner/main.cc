// plugin-runner: runs plugins, and writes the first password that one of them gives to standard output.
// Whatever goes wrong, a person can type it. Its exit statuses are those of sysexits(3), as always.
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <sys/stat.h>
#include <sys/types.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/error.h"
#include "base/say.h"
#include "programs/plugin-runner/console.h"
#include "programs/plugin-runner/options.h"
#include "programs/plugin-runner/plugin_directory.h"
#include "programs/plugin-runner/runner.h"
#include "programs/plugin-runner/terminal_state.h"

namespace mandos::runner {

namespace {

// Ends this process as SIGNAL does by default, so that whoever waits for it sees which.
[[noreturn]] void die_of(int signal) {
    (void)::signal(signal, SIG_DFL);
    sigset_t only{};
    (void)sigemptyset(&only);
    (void)sigaddset(&only, signal);
    (void)raise(signal); // waits until it is let through
    (void)pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    std::abort(); // not reached: each of the signals that we wait for ends a process
}

// Returns the status to end with, which is STATUS if all goes well.
int run_plugins(const Options& options, Console& console, int status,
                std::optional<PluginDirectory> directory) {
    const TerminalState terminal;
    auto signals = Runner::watch_signals();
    if (!signals) {
        console.say(signals.error().text());
        return EX_OSERR;
    }
    Runner runner(options, console, terminal, *std::move(signals));
    if (directory)
        runner.start(*std::move(directory));
    const Outcome outcome = runner.run();
    std::optional<Error> undelivered;
    if (outcome.password)
        if (auto delivered = runner.deliver(*outcome.password); !delivered)
            undelivered = std::move(delivered).error();
    runner.end();
    if (outcome.signal != 0) {
        console.finish();
        die_of(outcome.signal);
    }
    if (undelivered) {
        console.say(undelivered->text());
        return EX_IOERR;
    }
    if (!outcome.password) {
        console.say("there is no password");
        return status == EXIT_SUCCESS ? EXIT_FAILURE : status;
    }
    return status;
}

// Scripts are opened by it (proc(5)); in an initramfs it may not be there yet.
void make_dev_fd() {
    if (access("/dev/fd", F_OK) == 0)
        return;
    [[maybe_unused]] const int made = symlink("/proc/self/fd", "/dev/fd"); // not root: nothing can be done
}

int run(Console& console, int argc, char** argv) {
    if (const auto occupied = privilege::occupy_standard_descriptors(); !occupied) {
        console.say(occupied.error().text());
        return EX_OSERR;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    make_dev_fd();
    auto asked = read_options(argc, argv);
    if (!asked) {
        console.say(asked.error().text());
        return run_plugins({}, console, EX_USAGE, std::nullopt);
    }
    if (const auto* information = std::get_if<Information>(&*asked)) {
        const auto told = tell(information->text);
        if (!told)
            console.say(told.error().text());
        return told ? EXIT_SUCCESS : EX_IOERR;
    }
    const auto& options = std::get<Options>(*asked);
    for (const std::string& complaint : options.complaints)
        console.say(complaint);
    auto directory = read_plugin_directory(options);
    if (!directory) {
        console.say(directory.error().text());
        return run_plugins(options, console, EX_UNAVAILABLE, std::nullopt);
    }
    return run_plugins(options, console, EXIT_SUCCESS, *std::move(directory));
}

} // namespace

} // namespace mandos::runner

int main(int argc, char** argv) {
    const mode_t before = umask(0); // plugins get it, and not the one that
                                    // harden_process() sets for secrets; nothing here makes files
    (void)umask(before);
    mandos::privilege::allow_locking_all_memory();
    mandos::privilege::harden_process();
    (void)umask(before);
    mandos::runner::Console console;
    const int status = mandos::runner::run(console, argc, argv);
    console.finish();
    return status;
}
