#include "programs/mandos-client/network_hooks.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos-client/hook_process.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/program_output.h"

namespace mandos::client {

namespace {

bool is_hook_name(std::string_view name) {
    constexpr std::string_view taken = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    return !name.empty() && name.find_first_not_of(taken) == std::string_view::npos;
}

bool can_be_run(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error)
           && faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

std::string_view word_for(NetworkHooks::Mode mode) {
    return mode == NetworkHooks::Mode::Start ? "start" : "stop";
}

void rethrow(const std::exception_ptr& thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

} // namespace

Result<std::vector<std::string>> network_hooks_in(const std::string& directory) {
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    if (error == std::errc::no_such_file_or_directory)
        return std::vector<std::string>{};
    std::vector<std::string> names;
    while (!error && entry != std::filesystem::directory_iterator{}) {
        if (const std::string name = entry->path().filename();
            is_hook_name(name) && can_be_run(entry->path()))
            names.push_back(name);
        entry.increment(error);
    }
    if (error)
        return fail_errno(error.value(), "cannot read the directory of network hooks, {}",
                          mandos::quoted(directory));
    std::ranges::sort(names);
    return names;
}

NetworkHooks::NetworkHooks(io::any_io_executor strand, HookSettings settings)
    : strand_(std::move(strand)), settings_(std::move(settings)) {}

io::awaitable<void> NetworkHooks::run(Mode mode) {
    hurried_ = false;
    const auto names = network_hooks_in(settings_.directory);
    if (!names) {
        say(names.error().text());
        co_return;
    }
    for (const std::string& name : *names) {
        if (hurried_)
            co_return;
        if (const auto result = co_await run_one(name, mode); !result)
            say(fmt::format("warning: network hook {}, {}: {}", name, word_for(mode), result.error().text()));
    }
}

void NetworkHooks::hurry() {
    hurried_ = true;
    if (running_ != nullptr)
        running_->interrupt();
}

io::awaitable<Result<void>> NetworkHooks::run_one(const std::string& name, Mode mode) {
    const std::string path = fmt::format("{}/{}", settings_.directory, name);
    auto hook = HookProcess::start(path, {std::string(word_for(mode))}, environment(mode));
    if (!hook)
        co_return std::unexpected(std::move(hook).error());
    io::co_spawn(
        strand_,
        pass_on_output(loop::Watch(strand_, hook->take_output()), fmt::format("network hook {}", name)),
        rethrow);

    loop::Watch ended(strand_, hook->take_end());
    ended.set_deadline(loop::Watch::Deadline::clock::now() + settings_.limit);
    running_ = &ended;
    const auto by_itself = co_await ended.readable();
    running_ = nullptr;
    if (by_itself)
        co_return hook->reap();

    hook->signal(SIGTERM);
    ended.set_deadline(loop::Watch::Deadline::clock::now() + core::limits::network_hook_grace);
    (void)co_await ended.readable();
    hook->signal(SIGKILL); // what is left of its group
    if (hurried_)
        co_return fail(ErrorKind::Interrupted, "it was ended, since nobody waits for the network any more");
    co_return fail(ErrorKind::TimedOut, "it had not ended after {:.3g} s, and was ended",
                   std::chrono::duration<double>(settings_.limit).count());
}

std::vector<std::string> NetworkHooks::environment(Mode mode) const {
    std::vector<std::string> variables{
        fmt::format("MANDOSNETHOOKDIR={}", settings_.directory),
        fmt::format("MODE={}", word_for(mode)),
        fmt::format("VERBOSITY={}", settings_.verbosity == HookSettings::Verbosity::Debug ? 1 : 0),
        fmt::format("DEVICE={}", settings_.device),
        fmt::format("DELAY={:.6f}", std::chrono::duration<double>(settings_.delay).count()),
    };
    if (settings_.server)
        variables.push_back(fmt::format("CONNECT={}", *settings_.server));
    const auto is_ours = [own = variables](std::string_view inherited) {
        return std::ranges::any_of(own, [&](std::string_view variable) {
            return inherited.starts_with(variable.substr(0, variable.find('=') + 1));
        });
    };
    for (char** inherited = environ; *inherited != nullptr; ++inherited)
        if (!is_ours(*inherited))
            variables.emplace_back(*inherited);
    return variables;
}

} // namespace mandos::client
