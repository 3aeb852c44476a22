#include "programs/mandos/engine.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "base/check.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/key_id.h"
#include "core/server.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "programs/mandos/access_log.h"
#include "programs/mandos/connection.h"

namespace mandos::server {

namespace {

std::string why(const core::Refuse& refuse) {
    switch (refuse.reason) {
    case core::Refusal::UnknownKey:
        return fmt::format("unknown key ID {}", refuse.key_id.text());
    case core::Refusal::SharedKey:
        return fmt::format("key ID {} is that of more than one client in the configuration",
                           refuse.key_id.text());
    case core::Refusal::Disabled:
        return fmt::format("client {} is disabled", quoted(refuse.client));
    case core::Refusal::NoSecret:
        return fmt::format("client {} has an empty secret", quoted(refuse.client));
    case core::Refusal::ApprovalTimedOut:
        return fmt::format("client {} was not approved in time", quoted(refuse.client));
    }
    return "unknown reason";
}

Result<core::Release> denied(const core::Refuse& refuse) {
    return std::unexpected(Error(ErrorKind::Denied, why(refuse)));
}

} // namespace

Engine::Engine(const io::any_io_executor& strand, core::Server server, AccessLog& log)
    : strand_(strand), log_(log), server_(std::move(server)), timer_(strand) {}

io::awaitable<std::optional<Result<core::Release>>> Engine::ask(std::shared_ptr<Connection> connection,
                                                                core::KeyId key_id) {
    co_await io::dispatch(io::bind_executor(strand_, io::use_awaitable));
    core::Actions actions =
        server_.handle(core::SecretAsked{.connection = connection->id(), .key_id = key_id}, loop::now());
    check(actions.size() == 1, "who asks for a secret is answered, or told to wait");
    if (auto* release = std::get_if<core::Release>(&actions.front()))
        co_return std::move(*release);
    if (const auto* refuse = std::get_if<core::Refuse>(&actions.front()))
        co_return denied(*refuse);
    log_.needs_approval(connection->peer(), std::get<core::AwaitApproval>(actions.front()));
    waiting_.emplace(connection->id(), std::move(connection));
    set_timer();
    co_return std::nullopt;
}

void Engine::gone(core::ConnectionId connection) {
    io::dispatch(strand_, [this, connection] {
        if (waiting_.erase(connection) == 0)
            return; // it was answered meanwhile
        (void)server_.handle(core::ConnectionGone{connection}, loop::now());
        set_timer();
    });
}

void Engine::stop() {
    timer_.cancel();
    waiting_.clear();
}

void Engine::handle_time() {
    for (core::Action& action : server_.handle(core::TimePassed{}, loop::now())) {
        if (auto* release = std::get_if<core::Release>(&action))
            answer(release->connection, std::move(*release));
        else if (const auto* refuse = std::get_if<core::Refuse>(&action))
            answer(refuse->connection, denied(*refuse));
    }
    set_timer();
}

void Engine::set_timer() {
    timer_.cancel();
    const auto deadline = server_.next_deadline();
    if (!deadline)
        return;
    timer_.expires_after(std::max(*deadline - loop::now(), core::Time::duration::zero()));
    timer_.async_wait([this](const std::error_code& error) {
        if (!error)
            handle_time();
    });
}

void Engine::answer(core::ConnectionId connection, Result<core::Release> answer) {
    auto found = waiting_.extract(connection);
    check(!found.empty(), "who is answered has waited");
    const auto& strand = found.mapped()->strand();
    io::post(strand, [connection = std::move(found.mapped()), answer = std::move(answer)]() mutable {
        connection->answer(std::move(answer));
    });
}

} // namespace mandos::server
