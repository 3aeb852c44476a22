#include "programs/plugin-runner/runner.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/password_process/password_process.h"
#include "adapters/terminal/passphrase.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "core/plugin_life.h"
#include "core/time.h"
#include "loop/clock.h"
#include "loop/held_signals.h"
#include "programs/plugin-runner/console.h"
#include "programs/plugin-runner/options.h"
#include "programs/plugin-runner/orphans.h"
#include "programs/plugin-runner/plugin_directory.h"
#include "programs/plugin-runner/terminal_state.h"

namespace mandos::runner {

namespace {

using State = core::PluginLife::State;
using Ended = core::PluginLife::Ended;

constexpr std::array ending_signals{SIGTERM, SIGINT, SIGHUP, SIGQUIT};

// Those that were ignored when this program was started, as by nohup(1), stay so.
sigset_t awaited_signals() {
    sigset_t awaited{};
    (void)sigemptyset(&awaited);
    (void)sigaddset(&awaited, SIGCHLD);
    for (const int number : ending_signals) {
        struct sigaction action{};
        if (sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
            (void)sigaddset(&awaited, number);
    }
    return awaited;
}

// In a process of its own: asks, and writes the answer. Returns the status to end with.
int ask_person() {
    const std::string prompt = terminal::is_interactive() ? "Password: " : "";
    const auto password = terminal::ask_passphrase(prompt, core::limits::password);
    if (!password)
        return EX_NOINPUT;
    return write_all(STDOUT_FILENO, password->reveal()) ? EXIT_SUCCESS : EX_IOERR;
}

std::string how_it_ended(int wait_status) {
    if (WIFSIGNALED(wait_status))
        return fmt::format("was ended by signal {} ({})", WTERMSIG(wait_status),
                           sigdescr_np(WTERMSIG(wait_status)));
    return fmt::format("ended with status {}", WEXITSTATUS(wait_status));
}

Ended kind_of_end(int wait_status) {
    if (!WIFEXITED(wait_status))
        return Ended::Badly;
    switch (WEXITSTATUS(wait_status)) {
    case EXIT_SUCCESS:
        return Ended::Well;
    case EX_TEMPFAIL:
        return Ended::ForNow;
    default:
        return Ended::Badly;
    }
}

std::string_view what_was_wrong(core::PluginLife::Why why) {
    switch (why) {
    case core::PluginLife::Why::NoPassword:
        return "it gave an empty password, which is not used";
    case core::PluginLife::Why::TooMuch:
        return "it wrote more than a password may be long, and none of it is used";
    case core::PluginLife::Why::OutputHeldOpen:
        return "it has ended, but something that it left running has its output open; none of it is used";
    case core::PluginLife::Why::EndedBadly:
        break;
    }
    return "it failed";
}

} // namespace

Result<UniqueFd> Runner::watch_signals() {
    const sigset_t awaited = awaited_signals();
    UniqueFd signals(signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals)
        return fail_errno(errno, "cannot watch signals");
    return signals;
}

Runner::Runner(const Options& options, Console& console, const TerminalState& terminal, UniqueFd signals)
    : options_(options),
      console_(console),
      terminal_(terminal),
      held_({SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTTOU}),
      signals_(std::move(signals)) {
    (void)signal(SIGCHLD, SIG_DFL); // ignored, it would take the statuses away
    adopt_orphans();
}

Result<password_process::PasswordProcess> Runner::start_process(const PluginFile& file) const {
    password_process::User user{.user = options_.user, .group = options_.group};
    if (geteuid() == 0)
        user.rights = file.rights == PluginFile::Rights::UserAndRoot
                          ? password_process::User::Rights::UserAndRoot
                          : password_process::User::Rights::User;
    return password_process::start(
        {.program = {.path = file.name, .directory = directory_.descriptor.get(), .file = file.file.get()},
         .arguments = options_.arguments_for(file.name),
         .environment = options_.environment_for(file.name),
         .user = user,
         .errors = password_process::Command::Errors::Piped});
}

void Runner::start(PluginDirectory directory) {
    directory_ = std::move(directory);
    for (const std::string& line : directory_.left_out)
        console_.say(line);
    for (const PluginFile& file : directory_.plugins) {
        auto process = start_process(file);
        if (!process) {
            console_.say(fmt::format("plugin {}: {}", quoted(file.name), process.error().text()));
            continue;
        }
        detail(fmt::format("plugin {} is started", quoted(file.name)));
        plugins_.push_back(std::make_unique<Plugin>(file.name, &file, loop::now()));
        plugins_.back()->process = *std::move(process);
    }
}

Outcome Runner::run() {
    for (;;) {
        if (signal_ != 0)
            return {.signal = signal_};
        for (const auto& plugin : plugins_) {
            if (plugin->life.state() != State::Done)
                continue;
            detail(fmt::format("plugin {} has given the password", quoted(plugin->name)));
            plugin->output.resize(plugin->filled);
            return {.password = std::move(plugin->output)};
        }
        if (!is_anything_running()) {
            const bool is_waiting = std::ranges::any_of(
                plugins_, [](const auto& plugin) { return plugin->life.state() == State::Waiting; });
            if (asked_ && !is_waiting)
                return {};
            if (!asked_)
                start_prompt();
        }
        wait(first_deadline());
    }
}

bool Runner::is_anything_running() const {
    return std::ranges::any_of(plugins_, [](const auto& plugin) {
        const State state = plugin->life.state();
        return state == State::Running || state == State::Silent || state == State::Awaited
               || state == State::Flooded;
    });
}

// What a plugin did to the terminal before it failed is undone first.
void Runner::start_prompt() {
    asked_ = true;
    terminal_.put_back();
    console_.say(terminal::is_interactive() ? "no plugin gives a password; a person is asked for it"
                                            : "no plugin gives a password; it is read from standard input");
    auto process = password_process::start_copy(ask_person);
    if (!process) {
        console_.say(process.error().text());
        return;
    }
    plugins_.push_back(std::make_unique<Plugin>("password prompt", nullptr, loop::now()));
    plugins_.back()->process = *std::move(process);
}

void Runner::start_again(Plugin& plugin, core::Time now) {
    auto process = start_process(*plugin.file);
    if (!process) {
        console_.say(fmt::format("plugin {}: {}", quoted(plugin.name), process.error().text()));
        plugin.life.ended(Ended::Badly, now);
        return;
    }
    detail(fmt::format("plugin {} is started again", quoted(plugin.name)));
    plugin.process = *std::move(process);
}

std::optional<core::Time> Runner::first_deadline() const {
    std::optional<core::Time> first = console_.deadline();
    for (const auto& plugin : plugins_)
        if (const auto deadline = plugin->life.deadline())
            first = std::min(first.value_or(core::Time::max()), *deadline);
    return first;
}

void Runner::wait(std::optional<core::Time> first) {
    // A negative descriptor is passed over (poll(2)).
    std::vector<pollfd> waited{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                               {.fd = console_.waited_for(), .events = POLLOUT, .revents = 0}};
    for (const auto& plugin : plugins_) {
        waited.push_back({.fd = plugin->process.output.get(), .events = POLLIN, .revents = 0});
        waited.push_back({.fd = plugin->process.errors.get(), .events = POLLIN, .revents = 0});
    }
    int milliseconds = -1;
    if (first) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*first - loop::now());
        milliseconds = static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, INT_MAX));
    }
    if (poll(waited.data(), waited.size(), milliseconds) < 0)
        return; // EINTR; ENOMEM may pass
    const core::Time now = loop::now();
    if (waited[1].revents != 0)
        console_.flush();
    std::size_t next = 2;
    for (const auto& plugin : plugins_) {
        if (waited[next++].revents != 0)
            take_output(*plugin, now);
        if (waited[next++].revents != 0)
            take_errors(*plugin, now);
    }
    if (waited[0].revents != 0)
        take_signals();
    times(now);
    console_.show_prompts(now);
}

void Runner::take_signals() {
    signalfd_siginfo got{};
    while (read(signals_.get(), &got, sizeof got) == sizeof got) {
        if (got.ssi_signo != SIGCHLD)
            signal_ = static_cast<int>(got.ssi_signo);
    }
    reap();
}

// Whichever children have ended: plugins, and what they left running.
void Runner::reap() {
    int status = 0;
    for (auto pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
        const auto found =
            std::ranges::find_if(plugins_, [pid](const auto& plugin) { return plugin->process.pid == pid; });
        if (found != plugins_.end())
            has_ended(**found, status, loop::now());
    }
}

void Runner::has_ended(Plugin& plugin, int wait_status, core::Time now) {
    plugin.process.pid = -1;
    take_errors(plugin, now); // its last words come first
    console_.ended(plugin.name, now);
    const State before = plugin.life.state();
    plugin.life.ended(kind_of_end(wait_status), now);
    // Not usable here (a splash screen that does not run) is nothing that a person must know.
    const bool is_usual =
        WIFEXITED(wait_status)
        && (WEXITSTATUS(wait_status) == EXIT_SUCCESS || WEXITSTATUS(wait_status) == EX_UNAVAILABLE);
    const std::string line = fmt::format("plugin {} {}", quoted(plugin.name), how_it_ended(wait_status));
    if (is_usual || plugin.file == nullptr || before == State::Failed || before == State::Flooded)
        detail(line);
    else if (plugin.life.state() == State::Waiting)
        console_.say(
            fmt::format("{}; it is started again in {} s", line,
                        std::chrono::ceil<std::chrono::seconds>(*plugin.life.deadline() - now).count()));
    else
        console_.say(line);
    switch (plugin.life.state()) {
    case State::Failed:
        give_up(plugin);
        break;
    case State::Waiting:
        plugin.process.output.reset();
        plugin.output = SecretBytes();
        plugin.filled = 0;
        break;
    case State::Running:
    case State::Silent:
    case State::Awaited:
    case State::Flooded:
    case State::Done:
        break;
    }
}

// Some of it at a time: the others' turn comes.
void Runner::take_output(Plugin& plugin, core::Time now) {
    constexpr std::size_t first_size = 4096;
    if (plugin.filled == plugin.output.size())
        plugin.output.resize(std::clamp(2 * plugin.output.size(), first_size, core::limits::password + 1));
    const ssize_t got =
        read(plugin.process.output.get(), plugin.output.reveal().subspan(plugin.filled).data(),
             plugin.output.size() - plugin.filled);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0) {
        plugin.filled += static_cast<std::size_t>(got);
        plugin.life.wrote(static_cast<std::size_t>(got), now);
        if (plugin.life.state() == State::Flooded && plugin.process.pid > 0) {
            (void)kill(plugin.process.pid, SIGTERM);
            give_up(plugin);
        }
    } else {
        plugin.process.output.reset();
        plugin.life.output_ended();
    }
    if (plugin.life.state() == State::Failed)
        give_up(plugin);
}

void Runner::take_errors(Plugin& plugin, core::Time now) {
    std::array<char, 4096> piece{};
    const int descriptor = plugin.process.errors.get();
    // What is there now, at most what a pipe holds.
    for (std::size_t taken = 0; descriptor >= 0 && taken < 16 * piece.size(); taken += piece.size()) {
        const ssize_t got = read(descriptor, piece.data(), piece.size());
        if (got > 0) {
            console_.said(plugin.name, {piece.data(), static_cast<std::size_t>(got)}, now);
            continue;
        }
        if (got == 0) {
            plugin.process.errors.reset();
            console_.ended(plugin.name, now);
        }
        return;
    }
}

void Runner::times(core::Time now) {
    for (const auto& plugin : plugins_) {
        const bool act = plugin->life.time_is_up(now);
        if (act && plugin->life.state() == State::Flooded)
            (void)kill(plugin->process.pid, SIGKILL);
        else if (act)
            start_again(*plugin, now);
        else if (plugin->life.state() == State::Failed && plugin->process.output)
            give_up(*plugin);
    }
}

// Nothing more is taken from it.
void Runner::give_up(Plugin& plugin) {
    if (std::exchange(plugin.given_up, true))
        return;
    plugin.process.output.reset();
    plugin.output = SecretBytes();
    plugin.filled = 0;
    const auto why =
        plugin.life.state() == State::Flooded ? core::PluginLife::Why::TooMuch : plugin.life.why();
    if (plugin.file != nullptr && why != core::PluginLife::Why::EndedBadly) // the end was said
        console_.say(fmt::format("plugin {}: {}", quoted(plugin.name), what_was_wrong(why)));
}

Result<void> Runner::deliver(const SecretBytes& password) {
    const core::Time deadline = loop::now() + core::limits::delivery_time;
    ByteView rest = password.reveal();
    while (!rest.empty()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - loop::now());
        std::array<pollfd, 2> waited{{{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0},
                                      {.fd = signals_.get(), .events = POLLIN, .revents = 0}}};
        if (poll(waited.data(), waited.size(), std::max(0, static_cast<int>(left.count()))) == 0)
            return fail(ErrorKind::TimedOut, "nobody reads the password");
        if (waited[1].revents != 0)
            take_signals();
        if (signal_ != 0)
            return fail(ErrorKind::Interrupted, "interrupted while the password was written");
        if (waited[0].revents == 0)
            continue;
        // So many at once never block (pipe(7)).
        const ssize_t written =
            write(STDOUT_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return fail_errno(errno, "cannot write the password to standard output");
        rest = rest.subspan(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    (void)close(STDOUT_FILENO); // whoever reads it has it all now, and need not wait for the plugins' end
    return {};
}

void Runner::signal_all(int number) {
    for (const auto& plugin : plugins_)
        if (plugin->process.pid > 0)
            (void)kill(plugin->process.pid, number);
}

void Runner::end() {
    signal_ = 0;
    for (const auto& plugin : plugins_)
        plugin->process.output.reset();
    signal_all(SIGTERM);
    signal_all(SIGCONT); // one that is stopped would not hear it
    const auto runs = [this] {
        return std::ranges::any_of(plugins_, [](const auto& plugin) { return plugin->process.pid > 0; });
    };
    for (const int next : {SIGKILL, 0}) {
        const core::Time deadline = loop::now() + core::limits::plugin_grace;
        while (runs() && signal_ == 0 && loop::now() < deadline)
            wait(deadline);
        for (const auto& plugin : plugins_)
            if (next != 0 && plugin->process.pid > 0)
                console_.say(fmt::format("plugin {} does not end when it is asked to, and is killed",
                                         quoted(plugin->name)));
        signal_ = 0;
        if (next != 0)
            signal_all(next);
    }
    kill_orphans();
    for (const auto& plugin : plugins_)
        take_errors(*plugin, loop::now());
    terminal_.put_back();
}

void Runner::detail(std::string_view line) {
    if (options_.detail == Options::Detail::EachStep)
        console_.say(line);
}

} // namespace mandos::runner
