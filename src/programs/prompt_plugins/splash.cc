#include "programs/prompt_plugins/splash.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sys/types.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/processes/find.h"
#include "adapters/processes/run.h"
#include "base/quote.h"
#include "core/limits.h"
#include "programs/prompt_plugins/plugin.h"
#include "programs/prompt_plugins/rights.h"

namespace mandos::prompt_plugins {

namespace {

using processes::Command;
using processes::Outcome;

std::string how_it_went(const Outcome& outcome) {
    switch (outcome.how) {
    case Outcome::How::Exited:
        return fmt::format("ended with status {}", outcome.number);
    case Outcome::How::Killed:
        return fmt::format("was killed by signal {}", outcome.number);
    case Outcome::How::Interrupted:
        return fmt::format("was interrupted by signal {}", outcome.number);
    case Outcome::How::TimedOut:
        break;
    }
    return "did not end in time";
}

} // namespace

std::string first_executable(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        if (access(path.c_str(), X_OK) == 0)
            return path;
    }
    return {};
}

processes::Wanted run_by_root(std::vector<std::string> paths) {
    return [paths = std::move(paths)](const processes::Process& process) {
        if (process.user != 0)
            return false;
        return std::ranges::find(paths, process.executable) != paths.end()
               || std::ranges::find(paths, process.arguments.front()) != paths.end();
    };
}

Outcome Splash::command(std::vector<std::string> arguments) const {
    return run({.arguments = std::move(arguments), .user = rights_.strongest()}, nullptr);
}

Outcome Splash::question(std::vector<std::string> arguments) const {
    return run(
        {.arguments = std::move(arguments), .output = Command::Output::Ours, .user = rights_.strongest()},
        &signals_);
}

Outcome Splash::daemon(std::vector<std::string> arguments) const {
    return run(
        {.arguments = std::move(arguments), .user = rights_.strongest(), .life = Command::Life::ItsOwn},
        nullptr);
}

void Splash::see_off(pid_t old) const {
    if (processes::wait_for_end(old, core::limits::splash_end_time))
        return;
    step(fmt::format("process {} does not end; it is killed", old));
    send(SIGKILL, old);
    if (const auto ended = processes::wait_for_end(old, core::limits::splash_end_time); !ended)
        plugin_.say(ended.error().text());
}

void Splash::end(pid_t old) const {
    send(SIGTERM, old);
    see_off(old);
}

void Splash::send(int signal, pid_t process) const {
    if (const auto sent = processes::send_signal(process, signal, rights_.strongest()); !sent)
        plugin_.say(sent.error().text());
}

void Splash::step(std::string_view line) const {
    if (detail_ == Detail::EachStep)
        plugin_.say(line);
}

Outcome Splash::run(const Command& command, const processes::EndingSignals* signals) const {
    const std::string what = fmt::format("{} {}", command.arguments.front(),
                                         command.arguments.size() > 1 ? quoted(command.arguments[1]) : "");
    step("running " + what);
    const auto limit = signals == nullptr
                           ? std::optional(std::chrono::milliseconds(core::limits::splash_command_time))
                           : std::nullopt;
    const auto outcome = processes::run(command, signals, limit);
    if (!outcome) {
        plugin_.say(outcome.error().text());
        return {.how = Outcome::How::TimedOut}; // it never ran: no status
    }
    step(fmt::format("{} {}", what, how_it_went(*outcome)));
    return *outcome;
}

std::variant<Begun, int> begin(const Plugin& plugin, int argc, char** argv) {
    if (const auto prepared = prepare_process(); !prepared)
        return plugin.fail_with(EX_OSERR, prepared.error());
    const auto rights = Rights::set_aside();
    if (!rights)
        return plugin.fail_with(EX_OSERR, rights.error());
    auto asked = read_options(plugin, argc, argv);
    if (const int* status = std::get_if<int>(&asked))
        return *status;
    auto options = std::get<Options>(std::move(asked));
    auto signals = processes::EndingSignals::hold();
    if (!signals)
        return plugin.fail_with(EX_OSERR, signals.error());
    Splash splash(plugin, options.detail, *rights, *std::move(signals));
    return Begun{.options = std::move(options), .splash = std::move(splash)};
}

} // namespace mandos::prompt_plugins
