#include "programs/mandos-ctl/clients.h"

#include <cstdlib>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "base/error.h"
#include "base/quote.h"
#include "base/say.h"
#include "base/version.h"
#include "programs/mandos-ctl/action.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/connect.h"
#include "programs/mandos-ctl/help.h"
#include "programs/mandos-ctl/json.h"
#include "programs/mandos-ctl/messages.h"
#include "programs/mandos-ctl/options.h"
#include "programs/mandos-ctl/self_check.h"
#include "programs/mandos-ctl/server.h"
#include "programs/mandos-ctl/status.h"
#include "programs/mandos-ctl/table.h"

namespace mandos::ctl {

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

// One thread, and nobody changes the environment.
std::string_view environment(const char* name) {
    const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? "" : value;
}

// NO_COLOR, if it is not empty, means none whatever the terminal (no-color.org).
Colours colours() {
    const bool terminal = isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb";
    return terminal && environment("NO_COLOR").empty() ? Colours::Terminal : Colours::None;
}

Result<std::string> picture(Mode mode, std::span<const Client> clients) {
    if (mode == Mode::Json)
        return write_json(clients);
    return write_table(clients, mode == Mode::Table ? few_fields() : all_fields(), colours());
}

Status show(Mode mode, std::span<const Client> clients) {
    const Result<std::string> text = picture(mode, clients);
    const Result<void> told = text ? tell(*text) : std::unexpected(text.error());
    if (told)
        return Success;
    complain(told.error().text(), text ? "" : hint_for(text.error()));
    return Failure;
}

Result<void> act_on(Server& server, const Client& client, const Action& action) {
    return std::visit(Overloaded{
                          [&](const SetProperty& set) { return server.set(client, set); },
                          [&](Approval approval) { return server.answer(client, approval); },
                          [&](Remove) { return server.remove(client); },
                          [](IsEnabled) { return Result<void>{}; },
                      },
                      action);
}

// A client as the server has it now.
Result<Client> asked_again(Server& server, const Client& client) {
    std::vector<Client> all = MANDOS_TRY(server.clients());
    std::vector<Client> found = MANDOS_TRY(choose(std::move(all), std::span(&client.name, 1)));
    return std::move(found.front());
}

Status by_enabled(const Result<Client>& client) {
    const Result<bool> enabled = client ? client->is_enabled() : std::unexpected(client.error());
    if (!enabled)
        complain(enabled.error().text(), hint_for(enabled.error()));
    return enabled && *enabled ? Success : Failure;
}

// All clients of one step, then the next step. The first failure ends it: what was meant to follow may rest
// on it.
Status act(Server& server, std::span<const Step> steps, std::span<const Client> clients) {
    for (const Step& step : steps) {
        if (std::holds_alternative<IsEnabled>(step.action)) {
            // What was done before it in the same command may have changed the answer.
            const Client& asked = clients.front();
            return by_enabled(&step == &steps.front() ? asked : asked_again(server, asked));
        }
        for (const Client& client : clients) {
            const Result<void> done = act_on(server, client, step.action);
            if (done)
                continue;
            complain(
                fmt::format("--{}: client {}: {}", step.option, quoted(client.name), done.error().text()),
                hint_for(done.error()));
            return Failure;
        }
    }
    return Success;
}

Status run(const Request& request) {
    std::optional<Reached> reached = reach_server(request.debug ? Trace::On : Trace::Off);
    if (!reached)
        return Failure;
    const Result<std::vector<Client>> clients = choose(std::move(reached->clients), request.names);
    if (!clients) {
        complain(clients.error().text(), "mandos-ctl without arguments shows all clients");
        return Failure;
    }
    if (request.mode == Mode::Act)
        return act(reached->server, request.steps, *clients);
    return show(request.mode, *clients);
}

Status told(const Result<void>& result) {
    if (!result)
        say(result.error().text());
    return result ? Success : Failure;
}

} // namespace

Status run_clients(int argc, char** argv) {
    const Result<Request> request = read_options(argc, argv);
    if (!request) {
        say(request.error().text());
        say_usage();
        return Usage;
    }
    switch (request->mode) {
    case Mode::Help:
        return told(tell(help_text()));
    case Mode::Version:
        return told(tell(fmt::format("mandos-ctl {}\n", version())));
    case Mode::SelfCheck:
        return told(self_check());
    case Mode::Act:
    case Mode::Table:
    case Mode::WholeTable:
    case Mode::Json:
        return run(*request);
    }
    return Usage;
}

} // namespace mandos::ctl
