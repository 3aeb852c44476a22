#include "programs/mandos/engine.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>

#include "adapters/log/log.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/server.h"
#include "core/store.h"
#include "core/unsaved.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "programs/mandos/access_log.h"
#include "programs/mandos/checks.h"
#include "programs/mandos/connection.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

constexpr auto soon = std::chrono::seconds(10);

// What the connection is told, and nobody else: the audit record says it.
Error denied(const core::Refuse& refuse) {
    return {ErrorKind::Denied, refuse.client.empty() ? core::refusal_text(refuse.reason, refuse.key_id)
                                                     : core::refusal_text(refuse.reason, refuse.client)};
}

} // namespace

Engine::Engine(const io::any_io_executor& strand, std::pair<core::Server, core::Actions> started,
               core::Store& store, log::Log& log, AccessLog& access_log)
    : strand_(strand),
      store_(store),
      log_(log),
      access_log_(access_log),
      server_(std::move(started.first)),
      timer_(strand),
      soon_timer_(strand) {
    take(std::move(started.second));
}

void Engine::ask(std::shared_ptr<Connection> connection, core::KeyId key_id) {
    io::dispatch(strand_, [this, connection = std::move(connection), key_id]() mutable {
        const core::SecretAsked asked{
            .connection = connection->id(), .key_id = key_id, .peer = connection->peer()};
        asking_.emplace(connection->id(), std::move(connection));
        take(server_.handle(asked, loop::moment()));
    });
}

void Engine::gone(core::ConnectionId connection) {
    io::dispatch(strand_, [this, connection] {
        if (asking_.erase(connection) > 0) // else it was answered meanwhile
            take(server_.handle(core::ConnectionGone{connection}, loop::moment()));
    });
}

void Engine::tell(core::Event event) {
    io::dispatch(strand_, [this, event = std::move(event)] { act(event, {}); });
}

void Engine::act(const core::Event& event, Done done) {
    if (done)
        done_.push_back(std::move(done));
    take(server_.handle(event, loop::moment()));
}

void Engine::check_started(core::ClientId client, const std::string& command) {
    if (watcher_ != nullptr)
        watcher_->check_started(client, command);
}

void Engine::check_ended(core::ClientId client, core::CheckId check, int wait_status, std::string command) {
    const int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : core::check_crashed;
    act(core::CheckEnded{.client = client, .check = check, .status = status},
        [this, client, wait_status, command = std::move(command)](const Result<void>&) {
            if (watcher_ != nullptr)
                watcher_->check_ended(client, wait_status, command);
        });
}

void Engine::take(core::Actions actions) {
    for (core::Action& action : actions) {
        unsaved_.note(action);
        actions_.push_back(std::move(action));
    }
    if (unsaved_.has_some_for_soon())
        save_soon();
    if (!settling_) {
        settling_ = true;
        // Behind everybody who is already in the queue: they belong to this turn too.
        io::post(strand_, [this] { (void)settle(); }); // who asked hears of an error
    }
}

Result<void> Engine::settle() {
    settling_ = false;
    const Result<void> stored = commit();
    core::Actions actions = std::exchange(actions_, {});
    std::vector<Done> done = std::exchange(done_, {});
    const auto records = std::ranges::count_if(
        actions, [](const core::Action& action) { return std::holds_alternative<core::Audit>(action); });
    next_record_ = store_.audit_records() + 1 - static_cast<std::uint64_t>(records);
    for (core::Action& action : actions)
        carry_out(action, stored ? Stored::Yes : Stored::No);
    for (Done& one : done)
        one(stored);
    if (!stopped_)
        set_timer();
    return stored;
}

Result<void> Engine::commit() {
    if (unsaved_.is_empty())
        return {};
    const Result<void> stored = store_.commit(unsaved_.transaction(server_.clients(), loop::moment()));
    if (!stored) {
        commit_failed(stored.error());
        return stored;
    }
    unsaved_.taken();
    if (std::exchange(store_failed_, false))
        log_.write(wire::LogLevel::Warning, "the state can be written again: secrets are released again");
    return {};
}

void Engine::commit_failed(const Error& error) {
    if (!std::exchange(store_failed_, true))
        log_.write(wire::LogLevel::Critical,
                   fmt::format("{}; nothing is released until it can be", error.text()));
    unsaved_.not_taken();
    save_soon();
}

void Engine::carry_out(core::Action& action, Stored stored) {
    if (auto* release = std::get_if<core::Release>(&action)) {
        if (stored == Stored::Yes)
            answer(release->connection, std::move(*release));
        else
            answer(release->connection,
                   std::unexpected(Error(ErrorKind::Denied,
                                         core::refusal_text(core::Refusal::NotStored, release->client))));
        return;
    }
    if (const auto* refuse = std::get_if<core::Refuse>(&action))
        answer(refuse->connection, std::unexpected(denied(*refuse)));
    else if (const auto* wait = std::get_if<core::AwaitApproval>(&action))
        access_log_.needs_approval(*wait);
    else if (const auto* stop = std::get_if<core::StopCheck>(&action); stop != nullptr && checks_ != nullptr)
        checks_->stop(stop->client);
    else if (const auto* start = std::get_if<core::StartCheck>(&action);
             start != nullptr && checks_ != nullptr) {
        const core::Client* client = server_.clients().find(start->client);
        if (client != nullptr && client->check == start->check) // else it was stopped within this turn
            checks_->start(*start, *client);
    } else if (const auto* audit = std::get_if<core::Audit>(&action)) {
        if (stored == Stored::Yes)
            access_log_.recorded(audit->record, next_record_++);
        else
            access_log_.recorded(not_stored(audit->record), std::nullopt);
    } else if (const auto* left_out = std::get_if<core::LeftOut>(&action))
        access_log_.left_out(left_out->record);
    if (watcher_ != nullptr)
        watcher_->happened(action);
}

void Engine::answer(core::ConnectionId connection, Result<core::Release> answer) {
    auto found = asking_.extract(connection);
    if (found.empty())
        return; // it has gone
    const auto& strand = found.mapped()->strand();
    io::post(strand, [connection = std::move(found.mapped()), answer = std::move(answer)]() mutable {
        connection->answer(std::move(answer));
    });
}

void Engine::set_timer() {
    timer_.cancel();
    const auto deadline = server_.next_deadline();
    if (!deadline)
        return;
    timer_.expires_after(std::max(*deadline - loop::now(), core::Time::duration::zero()));
    timer_.async_wait([this](const std::error_code& error) {
        if (!error)
            take(server_.handle(core::TimePassed{}, loop::moment()));
    });
}

// What can wait a little is made durable together; what the store did not take is tried again.
void Engine::save_soon() {
    if (stopped_ || std::exchange(soon_is_set_, true))
        return;
    soon_timer_.expires_after(store_failed_ ? std::chrono::seconds(1) : soon);
    soon_timer_.async_wait([this](const std::error_code& error) {
        if (error)
            return;
        soon_is_set_ = false;
        unsaved_.soon_is_now();
        take({});
    });
}

void Engine::stop() {
    take(server_.handle(core::Stopping{}, loop::moment()));
    stopped_ = true;
    (void)settle(); // it has been logged
    timer_.cancel();
    soon_timer_.cancel();
    asking_.clear();
}

} // namespace mandos::server
