#include "programs/mandos-client/manager.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "adapters/privilege/capabilities.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"
#include "core/links.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/messages.h"
#include "programs/mandos-client/network.h"
#include "programs/mandos-client/network_hooks.h"
#include "programs/mandos-client/options.h"
#include "programs/mandos-client/route_desk.h"
#include "programs/mandos-client/two_processes.h"

namespace mandos::client {

namespace {

namespace limits = core::limits;

void rethrow(const std::exception_ptr& thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

bool is_ignored(int number) {
    struct sigaction action{};
    return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names)
        all += (all.empty() ? "" : ",") + name;
    return all;
}

HookSettings hook_settings(const Options& options) {
    HookSettings settings{.directory = options.network_hook_directory, .device = joined(options.interfaces)};
    settings.delay = options.delay;
    if (!options.connect.empty())
        settings.server = options.connect.front().text();
    if (options.detail == fetch::Detail::EachStep)
        settings.verbosity = HookSettings::Verbosity::Debug;
    return settings;
}

core::Links::Settings link_settings(const Options& options) {
    return {.names = options.interfaces,
            .servers =
                options.connect.empty() ? core::Links::Servers::LookedFor : core::Links::Servers::Given,
            .delay = options.delay};
}

class Managing {
  public:
    Managing(const Options& options, Fetcher fetcher)
        : options_(options),
          pid_(fetcher.pid),
          ended_(loop_.get_executor(), std::move(fetcher.ended)),
          desk_(loop_.get_executor(), std::move(fetcher.channel),
                [this](const Error& error) { distrust(error); }),
          hooks_(loop_.get_executor(), hook_settings(options)),
          network_(loop_.get_executor(), link_settings(options),
                   {.came = [this](std::uint32_t index, std::string_view name) { came(index, name); },
                    .left = [this](std::uint32_t index) { desk_.left(index); },
                    .problem = say},
                   options.addressing()) {}

    std::variant<EndsWith, EndsBy> run() {
        watch_signals();
        io::co_spawn(loop_, wait_for_end(), rethrow);
        io::co_spawn(loop_, all(), rethrow);
        loop_.run();
        return ending();
    }

  private:
    void watch_signals() {
        for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
            std::error_code error;
            if (!is_ignored(number)) // by nohup(1), for instance
                (void)signals_.add(number, error);
        }
        await_signal();
    }
    void await_signal() {
        signals_.async_wait([this](const std::error_code& error, int number) {
            if (error)
                return;
            if (!signal_)
                signal_ = number;
            end_fetcher();
            await_signal();
        });
    }

    // All that happens, in order.
    io::awaitable<void> all() {
        co_await hooks_.run(NetworkHooks::Mode::Start);
        if (!fetcher_status_)
            start_network();
        while (!fetcher_status_) {
            std::error_code woken;
            sleep_.expires_at(io::steady_timer::time_point::max());
            co_await sleep_.async_wait(io::redirect_error(io::use_awaitable, woken));
        }
        too_late_.expires_after(limits::undo_time);
        too_late_.async_wait([this](const std::error_code& error) {
            if (!error)
                hooks_.hurry();
        });
        co_await hooks_.run(NetworkHooks::Mode::Stop);
        desk_.end();
        network_.end();
        loop_.stop();
    }

    void start_network() {
        desk_.start();
        const auto started = network_.start();
        if (started)
            return;
        say(fmt::format("no interface is brought up: {}", started.error().text()));
        if (!options_.connect.empty() || !options_.servers.empty())
            return;
        status_ = EX_OSERR; // nothing could ever be found
        end_fetcher();
    }

    io::awaitable<void> wait_for_end() {
        (void)co_await ended_.readable();
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR)
            continue;
        fetcher_status_ = status;
        kill_.cancel();
        hooks_.hurry();
        sleep_.cancel();
    }

    void end_fetcher() {
        if (fetcher_status_ || std::exchange(is_ending_, true))
            return;
        (void)kill(pid_, SIGTERM);
        kill_.expires_after(limits::fetcher_grace);
        kill_.async_wait([this](const std::error_code& error) {
            if (!error && !fetcher_status_)
                (void)kill(pid_, SIGKILL);
        });
    }

    // It does not do what was written for it: somebody else has taken it over.
    void distrust(const Error& error) {
        if (fetcher_status_ || status_)
            return;
        say(fmt::format("the process that talks to servers is ended, since it was taken over: {}",
                        error.text()));
        status_ = EX_PROTOCOL;
        (void)kill(pid_, SIGKILL);
    }

    void came(std::uint32_t index, std::string_view name) {
        if (options_.detail == fetch::Detail::EachStep)
            say(fmt::format("interface {} can be used", quoted(name)));
        desk_.came(index, name);
    }

    std::variant<EndsWith, EndsBy> ending() const {
        const int status = *fetcher_status_;
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) // the password is written
            return EndsWith{EXIT_SUCCESS};
        if (signal_)
            return EndsBy{*signal_};
        if (status_)
            return EndsWith{*status_};
        if (WIFSIGNALED(status))
            return EndsBy{WTERMSIG(status)};
        return EndsWith{WEXITSTATUS(status)};
    }

    const Options& options_;
    const pid_t pid_;
    std::optional<int> signal_;         // the first that came
    std::optional<int> status_;         // to end with, whatever the fetcher's
    std::optional<int> fetcher_status_; // as waitpid(2) tells it; nothing: it goes on
    bool is_ending_ = false;
    io::io_context loop_{1};
    loop::Watch ended_;
    RouteDesk desk_;
    NetworkHooks hooks_;
    Network network_;
    io::steady_timer sleep_{loop_};
    io::steady_timer kill_{loop_};
    io::steady_timer too_late_{loop_};
    io::signal_set signals_{loop_};
};

} // namespace

std::variant<EndsWith, EndsBy> manage(const Options& options, Fetcher fetcher) {
    // What cannot be given up is no reason to leave a machine locked.
    if (const auto kept = privilege::keep_network_rights(); !kept)
        say(fmt::format("going on with more rights than are needed: {}", kept.error().text()));
    Managing managing(options, std::move(fetcher));
    return managing.run();
}

} // namespace mandos::client
