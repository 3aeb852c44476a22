#include "programs/mandos/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>
#include <sys/socket.h>

#include "adapters/net/listen.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/events.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos/engine.h"
#include "programs/mandos/tls_steps.h"
#include "wire/protocol_line.h"

namespace mandos::server {

namespace {

using Clock = std::chrono::steady_clock;
namespace limits = core::limits;

// What a peer that ran out of time should have done within it.
Error step_error(Error error, const char* what, std::chrono::seconds time) {
    if (error.kind() == ErrorKind::Interrupted)
        return {ErrorKind::Interrupted, "the server is stopping"};
    if (error.kind() != ErrorKind::TimedOut)
        return error;
    return {ErrorKind::TimedOut, fmt::format("{} within {} s", what, time.count())};
}

} // namespace

Connection::Connection(const io::any_io_executor& strand, core::ConnectionId id, net::Accepted accepted,
                       Engine& engine, const tls::Context& context)
    : strand_(strand),
      id_(id),
      peer_(std::move(accepted.peer)),
      engine_(engine),
      context_(context),
      watch_(strand, std::move(accepted.socket)),
      end_(Clock::now() + limits::connection_time) {}

io::awaitable<Result<void>> Connection::serve() {
    const auto self = shared_from_this();

    limit_step(limits::protocol_line_time);
    if (Result<void> line = co_await read_protocol_line(); !line)
        co_return std::unexpected(
            step_error(std::move(line).error(), "no protocol line", limits::protocol_line_time));

    limit_step(limits::handshake_time);
    Result<tls::Session> session = tls::Session::create(context_, watch_.descriptor());
    if (!session)
        co_return std::unexpected(std::move(session).error());
    session_ = std::move(*session);
    Result<void> shaken = co_await complete(watch_, [this] { return session_->handshake(); });
    if (!shaken)
        co_return std::unexpected(
            step_error(std::move(shaken).error(), "no complete TLS handshake", limits::handshake_time));

    Result<core::Release> release = co_await ask_for_secret();
    if (!release) {
        co_await say_goodbye(); // which is all that the peer is told
        co_return std::unexpected(std::move(release).error());
    }
    if (Result<void> delivered = co_await deliver(*release); !delivered) {
        net::drop_unsent_on_close(watch_.descriptor());
        const Error why =
            step_error(std::move(delivered).error(), "the peer did not take it", limits::send_time);
        engine_.tell(core::NotDelivered{.name = release->client, .peer = peer_, .cause = why.text()});
    } else {
        engine_.tell(core::Delivered{.client = release->id, .name = release->client, .peer = peer_});
        co_await say_goodbye();
    }
    co_return Result<void>{};
}

io::awaitable<Result<void>> Connection::read_protocol_line() {
    wire::ProtocolLine line;
    for (;;) {
        std::array<std::byte, limits::protocol_line> buffer{};
        const ssize_t got = recv(watch_.descriptor(), buffer.data(), buffer.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (Result<void> waited = co_await watch_.readable(); !waited)
                co_return waited;
            continue;
        }
        if (got < 0)
            co_return fail_errno(errno, "the protocol line cannot be read");
        const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
        const Result<wire::ProtocolLine::Progress> progress = got == 0 ? line.end() : line.feed(bytes);
        if (!progress)
            co_return std::unexpected(progress.error());
        if (*progress == wire::ProtocolLine::Progress::Complete)
            co_return Result<void>{};
    }
}

io::awaitable<Result<core::Release>> Connection::ask_for_secret() {
    is_the_engines_ = true;
    engine_.ask(shared_from_this(), session_->peer_key_id());
    const auto asked = Clock::now();
    watch_.set_deadline(loop::Watch::Deadline::max());
    Result<core::Release> answer = co_await wait_for_answer();
    end_ += Clock::now() - asked;
    co_return answer;
}

// While it waits, for the disk or for an approval, the peer has nothing to say: whatever comes ends the wait.
io::awaitable<Result<core::Release>> Connection::wait_for_answer() {
    std::array<std::byte, 64> unexpected_bytes{};
    while (!answer_) {
        const Result<void> readable = co_await watch_.readable();
        if (answer_)
            break;
        if (!readable)
            co_return std::unexpected(readable.error());
        const Result<tls::Received> received = session_->receive(unexpected_bytes);
        if (received && received->wait)
            continue;
        engine_.gone(id_);
        is_the_engines_ = false;
        if (!received)
            co_return std::unexpected(Error(received.error()).context("while it waited for its answer"));
        co_return fail(ErrorKind::PeerClosed, "the peer {} while it waited for its answer",
                       received->closed() ? "hung up" : "sent something");
    }
    co_return std::move(*answer_);
}

void Connection::answer(Result<core::Release> answer) {
    answer_ = std::move(answer);
    watch_.interrupt();
}

void Connection::stop() {
    if (!is_delivering_)
        return watch_.cancel();
    end_ = std::min(end_, Clock::now() + limits::last_delivery_time);
    watch_.set_deadline(end_);
}

io::awaitable<Result<void>> Connection::deliver(const core::Release& release) {
    is_delivering_ = true;
    limit_step(limits::send_time);
    Result<void> sent =
        co_await complete(watch_, [this, &release] { return session_->send(*release.secret); });
    if (!sent)
        co_return sent;
    // Without this a client cannot tell that all of it has come, and throws it away.
    co_return co_await complete(watch_, [this] { return session_->send_close_notify(); });
}

// Whether the peer says goodbye too changes nothing any more; it only gets the time to take what was sent.
io::awaitable<void> Connection::say_goodbye() {
    constexpr std::size_t talk_heard = 4096;
    limit_step(limits::bye_time);
    const Result<void> said = co_await complete(watch_, [this] { return session_->send_close_notify(); });
    if (!said)
        co_return;
    const Result<void> answered =
        co_await complete(watch_, [this] { return session_->await_close_notify(talk_heard); });
    if (!answered && answered.error().kind() == ErrorKind::TimedOut)
        net::drop_unsent_on_close(watch_.descriptor());
}

void Connection::limit_step(loop::Watch::Deadline::duration time) {
    watch_.set_deadline(std::min(Clock::now() + time, end_));
}

} // namespace mandos::server
