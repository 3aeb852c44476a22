#include "tests/support/scripted_peer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::support {

namespace {

constexpr std::byte alert_record{0x15}; // RFC 8446 §5.1

bool would_block(int code) {
    return code == EAGAIN || code == EINTR;
}

int error_of(int socket) {
    int code = 0;
    socklen_t size = sizeof code;
    check(getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0, "a socket has a status");
    return code;
}

// Makes what follows leave at once: a test that says "two pieces" means two segments.
void send_at_once(int socket) {
    const int on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // only a pipe of a test has none
}

} // namespace

std::string name_of(Outcome outcome) {
    switch (outcome) {
    case Outcome::Served:
        return "served";
    case Outcome::Empty:
        return "empty";
    case Outcome::Cut:
        return "cut";
    case Outcome::Refused:
        return "refused";
    case Outcome::Closed:
        return "closed";
    case Outcome::Reset:
        return "reset";
    case Outcome::Stopped:
        return "stopped";
    case Outcome::Unreachable:
        return "unreachable";
    case Outcome::Failed:
        return "failed";
    case Outcome::Late:
        return "late";
    }
    check(false, "an outcome is one of its enumerators");
    return {};
}

ScriptedPeer::ScriptedPeer(UniqueFd socket, const Script& script, const Identity& identity)
    : socket_(std::move(socket)), script_(script), identity_(identity) {}

std::uint32_t ScriptedPeer::wanted_events() const {
    if (held_)
        return EPOLLRDHUP;
    if (pause_)
        return 0;
    switch (wait_) {
    case Wait::Read:
        return EPOLLIN;
    case Wait::Write:
        return EPOLLOUT;
    }
    check(false, "a wait is one of its enumerators");
    return 0;
}

void ScriptedPeer::advance(std::uint32_t events) {
    if (held_) {
        if ((events & EPOLLERR) != 0)
            end_by_errno(error_of(socket_.get()));
        else if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0)
            end(Outcome::Closed, "while it was held");
        return;
    }
    if (pause_ && Clock::now() < *pause_ && (events & (EPOLLERR | EPOLLHUP)) == 0)
        return;
    pause_.reset();
    while (!over()) {
        const std::optional<Wait> wait = take_step();
        if (!over() && limit_reached_)
            stop();
        if (!wait)
            continue;
        wait_ = *wait;
        return;
    }
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::take_step() {
    switch (step_) {
    case Step::Connect:
        return connected();
    case Step::Line:
        return send_line();
    case Step::AwaitHello:
        return await_hello();
    case Step::Answer:
        return send_answer();
    case Step::Handshake:
        return shake_hands();
    case Step::Chatter:
        return chatter();
    case Step::Secret:
        return read_secret();
    case Step::Goodbye:
        return say_goodbye();
    case Step::Drain:
        return drain();
    }
    check(false, "a step is one of its enumerators");
    return std::nullopt;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::connected() {
    if (const int code = error_of(socket_.get()); code != 0) {
        end(Outcome::Unreachable, errno_text(code));
        return std::nullopt;
    }
    send_at_once(socket_.get());
    go_to(Step::Line, StopAfter::Connect);
    if (script_.stop_sent == 0U)
        limit_reached_ = true;
    return std::nullopt;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::send_line() {
    if (piece_ == script_.line.size()) {
        go_to(script_.answer ? Step::AwaitHello : Step::Handshake, StopAfter::Line);
        if (script_.stop_received == 0U)
            limit_reached_ = true;
        return std::nullopt;
    }
    const auto wait = send_all(script_.line[piece_], Step::Line, std::nullopt);
    if (!wait && !over() && sent_of_piece_ == 0)
        ++piece_;
    return wait;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::await_hello() {
    std::array<std::byte, 2048> hello{};
    const ssize_t got = receive_some(hello.data(), hello.size());
    if (got > 0)
        go_to(Step::Answer);
    else if (got == 0)
        end(Outcome::Closed, "before its ClientHello");
    else if (would_block(errno))
        return Wait::Read;
    else
        end_by_errno(errno);
    return std::nullopt;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::send_answer() {
    const bool last = answers_ + 1 >= script_.answers;
    const auto wait = send_all(*script_.answer, last ? Step::Drain : Step::Answer, std::nullopt);
    if (!wait && !over())
        ++answers_;
    return wait;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::shake_hands() {
    if (!session_) {
        gnutls_session_t session = nullptr;
        const unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | identity_.flags;
        check(gnutls_init(&session, flags) == 0, "there is memory for a session");
        session_.reset(session);
        check(gnutls_priority_set(session, identity_.priorities.get()) == 0
                  && gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, identity_.credentials.get())
                         == 0,
              "GnuTLS takes priorities and credentials");
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_IGNORE);
        gnutls_transport_set_ptr(session, this);
        gnutls_transport_set_vec_push_function(session, push);
        gnutls_transport_set_pull_function(session, pull);
        gnutls_transport_set_pull_timeout_function(session, pull_timeout);
    }
    const int code = gnutls_handshake(session_.get());
    if (code == GNUTLS_E_SUCCESS)
        go_to(script_.chatter ? Step::Chatter : Step::Secret, StopAfter::Handshake);
    else if (gnutls_error_is_fatal(code) == 0)
        return waits_for();
    else
        end_by_tls(code);
    return std::nullopt;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::chatter() {
    static constexpr std::array<char, 16384> nothing_worth_reading{};
    ssize_t code = 0;
    switch (*script_.chatter) {
    case Chatter::Data:
        code = gnutls_record_send(session_.get(), nothing_worth_reading.data(), nothing_worth_reading.size());
        break;
    case Chatter::KeyUpdates:
        code = gnutls_session_key_update(session_.get(), 0);
        break;
    }
    if (code < 0 && gnutls_error_is_fatal(static_cast<int>(code)) == 0)
        return waits_for();
    if (code < 0)
        end_by_tls(static_cast<int>(code));
    return std::nullopt;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::read_secret() {
    std::array<char, 16384> record; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by GnuTLS
    const ssize_t got = gnutls_record_recv(session_.get(), record.data(), record.size());
    if (got > 0)
        secret_.append(record.data(), static_cast<std::size_t>(got));
    else if (got == 0)
        go_to(Step::Goodbye, StopAfter::Secret);
    else if (gnutls_error_is_fatal(static_cast<int>(got)) == 0)
        return waits_for();
    else
        end_by_tls(static_cast<int>(got));
    return std::nullopt;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::say_goodbye() {
    const int code = gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
    if (code == GNUTLS_E_SUCCESS)
        go_to(Step::Drain);
    else if (gnutls_error_is_fatal(code) == 0)
        return waits_for();
    else
        end_by_tls(code);
    return std::nullopt;
}

// Until the server closes. After TLS that is the good end; after an answer of our own it may say an alert
// first.
std::optional<ScriptedPeer::Wait> ScriptedPeer::drain() {
    std::array<std::byte, 4096> rest{};
    const ssize_t got = receive_some(rest.data(), rest.size());
    if (got < 0 && would_block(errno))
        return Wait::Read;
    if (session_ && got > 0)
        after_goodbye_ += static_cast<std::size_t>(got);
    else if (session_)
        end(secret_.empty() ? Outcome::Empty : Outcome::Served,
            fmt::format("{} bytes of secret, {} bytes after the goodbye", secret_.size(), after_goodbye_));
    else if (got > 6 && rest[0] == alert_record)
        end(Outcome::Refused,
            fmt::format("alert {}", gnutls_alert_get_name(gnutls_alert_description_t(rest[6]))));
    else if (got == 0)
        end(Outcome::Closed, "after the answer");
    else if (got < 0)
        end_by_errno(errno);
    return std::nullopt;
}

void ScriptedPeer::go_to(Step step, std::optional<StopAfter> done) {
    step_ = step;
    sent_of_piece_ = 0;
    if (done && done == script_.stop_after)
        stop();
}

void ScriptedPeer::stop() {
    switch (script_.at_stop) {
    case AtStop::Hold:
        held_ = true;
        return;
    case AtStop::Reset: {
        const linger none{.l_onoff = 1, .l_linger = 0};
        check(setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0,
              "SO_LINGER can be set");
        end(Outcome::Stopped, "reset by this peer");
        return;
    }
    case AtStop::Close:
        end(Outcome::Stopped, "closed by this peer");
        return;
    }
}

void ScriptedPeer::end(Outcome outcome, std::string detail) {
    outcome_ = outcome;
    detail_ = std::move(detail);
    held_ = false;
    ended_ = Clock::now();
    session_.reset();
    socket_.reset();
}

void ScriptedPeer::end_by_errno(int code) {
    const bool reset = code == ECONNRESET || code == EPIPE;
    end(reset ? Outcome::Reset : Outcome::Closed, errno_text(code));
}

void ScriptedPeer::end_by_tls(int code) {
    const bool cut = !secret_.empty();
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
        end(Outcome::Refused,
            fmt::format("alert {}", gnutls_alert_get_name(gnutls_alert_get(session_.get()))));
    else if (code == GNUTLS_E_PREMATURE_TERMINATION)
        end(cut ? Outcome::Cut : Outcome::Closed, "without goodbye");
    else if ((code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR) && !cut)
        end_by_errno(last_errno_);
    else {
        (void)gnutls_alert_send_appropriate(session_.get(), code); // as a well-mannered peer does
        end(cut ? Outcome::Cut : Outcome::Failed, gnutls_strerror(code));
    }
}

ScriptedPeer::Wait ScriptedPeer::waits_for() const {
    return gnutls_record_get_direction(session_.get()) == 0 ? Wait::Read : Wait::Write;
}

std::optional<ScriptedPeer::Wait> ScriptedPeer::send_all(ByteView bytes, Step next,
                                                         std::optional<StopAfter> done) {
    while (sent_of_piece_ < bytes.size()) {
        const ByteView rest = bytes.subspan(sent_of_piece_);
        auto* data =
            const_cast<std::byte*>(rest.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
        const iovec part{.iov_base = data, .iov_len = rest.size()};
        const ssize_t sent = send_some(&part, 1);
        if (sent < 0 && would_block(errno))
            return Wait::Write;
        if (sent < 0) {
            end_by_errno(errno);
            return std::nullopt;
        }
        sent_of_piece_ += static_cast<std::size_t>(sent);
    }
    go_to(next, done);
    return std::nullopt;
}

ssize_t ScriptedPeer::send_some(const iovec* parts, std::size_t count) {
    constexpr std::size_t most_parts = 64;
    std::array<iovec, most_parts> allowed{};
    std::size_t left = allowed_now(script_.stop_sent, sent_);
    std::size_t used = 0;
    for (; used < std::min(count, most_parts) && left > 0; ++used) {
        allowed[used] = {.iov_base = parts[used].iov_base, .iov_len = std::min(parts[used].iov_len, left)};
        left -= allowed[used].iov_len;
    }
    if (used == 0) {
        errno = EAGAIN;
        return -1;
    }
    msghdr message{};
    message.msg_iov = allowed.data();
    message.msg_iovlen = used;
    const ssize_t sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    transferred(sent_, sent, script_.stop_sent);
    return sent;
}

ssize_t ScriptedPeer::receive_some(void* into, std::size_t size) {
    const std::size_t left = allowed_now(script_.stop_received, received_);
    if (left == 0) {
        errno = EAGAIN;
        return -1;
    }
    const ssize_t got = recv(socket_.get(), into, std::min(size, left), 0);
    transferred(received_, got, script_.stop_received);
    return got;
}

std::size_t ScriptedPeer::allowed_now(std::optional<std::size_t> limit, std::size_t done) {
    limit_reached_ = limit_reached_ || limit == done;
    if (limit_reached_ || pause_)
        return 0;
    if (script_.pace.count() > 0)
        return 1;
    return limit ? *limit - done : SIZE_MAX;
}

// Leaves errno as it is.
void ScriptedPeer::transferred(std::size_t& done, ssize_t bytes, std::optional<std::size_t> limit) {
    if (bytes < 0) {
        last_errno_ = errno;
        return;
    }
    done += static_cast<std::size_t>(bytes);
    limit_reached_ = limit_reached_ || limit == done;
    if (script_.pace.count() > 0)
        pause_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(script_.pace);
}

ssize_t ScriptedPeer::push(gnutls_transport_ptr_t self, const giovec_t* parts, int count) {
    return static_cast<ScriptedPeer*>(self)->send_some(parts, static_cast<std::size_t>(count));
}

ssize_t ScriptedPeer::pull(gnutls_transport_ptr_t self, void* into, std::size_t size) {
    return static_cast<ScriptedPeer*>(self)->receive_some(into, size);
}

// Nothing here has a time limit of GnuTLS's; it must be there because pull() is.
int ScriptedPeer::pull_timeout(gnutls_transport_ptr_t /*self*/, unsigned /*milliseconds*/) {
    return 1;
}

} // namespace mandos::support
