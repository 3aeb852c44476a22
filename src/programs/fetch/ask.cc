#include "programs/fetch/ask.h"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "adapters/net/connect.h"
#include "adapters/net/resolve.h"
#include "adapters/openpgp/openpgp.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/child.h"
#include "loop/watch.h"
#include "programs/fetch/answers.h"

namespace mandos::fetch {

namespace limits = core::limits;

void Line::hang_up() {
    hung_up_ = true;
    if (watch_ != nullptr)
        watch_->cancel();
}

// While it lives, hanging up LINE ends the waits of WATCH.
class Line::Use {
  public:
    Use(Line& line, loop::Watch& watch) : line_(line) {
        line_.watch_ = &watch;
        if (line_.hung_up_)
            watch.cancel();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { line_.watch_ = nullptr; }

  private:
    Line& line_;
};

namespace {

constexpr std::string_view protocol_line = "1\r\n";
constexpr std::size_t largest_record = 16384; // bytes of data in one TLS record (RFC 8446 §5.1)

loop::Watch::Deadline after(std::chrono::seconds time) {
    return std::chrono::steady_clock::now() + time;
}

// Waits for what PROGRESS, which is not Done, needs.
io::awaitable<Result<void>> wait(loop::Watch& socket, tls::Progress progress) {
    if (progress == tls::Progress::WantWrite)
        co_return co_await socket.writable();
    net::acknowledge_at_once(socket.descriptor());
    co_return co_await socket.readable();
}

io::awaitable<Result<void>> connect(loop::Watch& socket) {
    socket.set_deadline(after(limits::connect_time));
    if (auto ready = co_await socket.writable(); !ready)
        co_return std::unexpected(std::move(ready).error().context("cannot connect"));
    co_return net::end_connecting(socket.descriptor());
}

Result<void> send_protocol_line(int socket) {
    // Into the empty buffer of a new connection: it fits.
    const ssize_t sent = send(socket, protocol_line.data(), protocol_line.size(), MSG_NOSIGNAL);
    if (sent < 0)
        return fail_errno(errno, "cannot send");
    if (static_cast<std::size_t>(sent) != protocol_line.size())
        return fail(ErrorKind::System, "cannot send {} bytes at once", protocol_line.size());
    return {};
}

io::awaitable<Result<void>> shake_hands(loop::Watch& socket, tls::Session& session) {
    socket.set_deadline(after(limits::answer_handshake_time));
    for (;;) {
        auto progress = session.handshake();
        if (!progress)
            co_return std::unexpected(std::move(progress).error());
        if (*progress == tls::Progress::Done)
            co_return Result<void>();
        if (auto ready = co_await wait(socket, *progress); !ready)
            co_return std::unexpected(std::move(ready).error().context("TLS handshake"));
    }
}

// Everything up to the server's close_notify, without which it could have been cut short.
io::awaitable<Result<Bytes>> receive_answer(loop::Watch& socket, tls::Session& session, Answers& answers) {
    socket.set_deadline(after(limits::answer_wait_time));
    Bytes answer;
    Bytes piece(largest_record);
    std::optional<Answers::Held> room;
    for (;;) {
        auto received = session.receive(piece);
        if (!received)
            co_return std::unexpected(std::move(received).error());
        if (received->closed())
            break;
        if (received->wait) {
            if (auto ready = co_await wait(socket, *received->wait); !ready)
                co_return std::unexpected(std::move(ready).error().context("waiting for the answer"));
            continue;
        }
        if (answer.size() + received->bytes > limits::answer)
            co_return fail(ErrorKind::Exhausted, "the answer is larger than {} bytes", limits::answer);
        if (!room && answer.size() + received->bytes > limits::small_answer) {
            auto large = answers.large();
            if (!large)
                co_return std::unexpected(std::move(large).error());
            room.emplace(*std::move(large));
        }
        if (answer.empty())
            socket.set_deadline(after(limits::answer_time));
        const auto got = std::span(piece).first(received->bytes);
        answer.insert(answer.end(), got.begin(), got.end());
    }
    if (answer.empty())
        co_return fail(ErrorKind::Denied,
                       "it gave no password: it refused, or somebody has to approve first (a server gives no "
                       "reason; its log does)");
    co_return answer;
}

// In a process of its own: the message is whatever somebody sent, and may be made to crash or to last.
io::awaitable<Result<SecretBytes>> decrypt(const Bytes& message, const SecretBytes& key) {
    loop::ChildTask task = [&message, &key] {
        // What a process locked is not locked in its child. No harm where it may not: there is the next try,
        // and SecretBytes asks for its own pages.
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
        return openpgp::decrypt(message, key, limits::password);
    };
    loop::ChildLimits child_limits;
    child_limits.deadline = after(limits::decrypt_time);
    child_limits.output = limits::password;
    auto password = co_await loop::in_child("the answer cannot be decrypted", std::move(task), child_limits);
    if (password && password->empty())
        co_return fail(ErrorKind::Invalid, "the answer is an empty password");
    co_return password;
}

} // namespace

io::awaitable<Result<SecretBytes>> ask(net::Endpoint endpoint, ClientKeys keys, Step step, Line& line) {
    Bytes message;
    {
        step("connecting");
        auto fd = net::begin_connecting(endpoint);
        if (!fd)
            co_return std::unexpected(std::move(fd).error());
        loop::Watch socket(co_await io::this_coro::executor, *std::move(fd));
        const Line::Use use(line, socket);
        if (auto connected = co_await connect(socket); !connected)
            co_return std::unexpected(std::move(connected).error());
        if (auto sent = send_protocol_line(socket.descriptor()); !sent)
            co_return std::unexpected(std::move(sent).error());

        step("connected; TLS handshake");
        auto session = tls::Session::create(keys.tls, socket.descriptor());
        if (!session)
            co_return std::unexpected(std::move(session).error());
        if (auto shaken = co_await shake_hands(socket, *session); !shaken)
            co_return std::unexpected(std::move(shaken).error());

        step("our key is proved; waiting for the answer");
        auto answer = co_await receive_answer(socket, *session, keys.answers);
        if (!answer)
            co_return std::unexpected(std::move(answer).error());
        message = *std::move(answer);
        // A Mandos 1.8 server waits for this; if it cannot be sent, the answer is no worse.
        (void)session->send_close_notify();
    }
    step(fmt::format("{} bytes received; decrypting", message.size()));
    const auto turn = co_await keys.answers.turn(message);
    if (!turn)
        co_return std::unexpected(turn.error());
    co_return co_await decrypt(message, keys.openpgp);
}

} // namespace mandos::fetch
