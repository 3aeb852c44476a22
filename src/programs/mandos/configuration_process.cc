#include "programs/mandos/configuration_process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/privilege/capabilities.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos/clients.h"
#include "programs/mandos/configuration_message.h"

namespace mandos::server {

namespace {

// A reply is its length, in 8 bytes of this machine's order, and that many bytes.
using Length = std::uint64_t;

void answer_requests(const UniqueFd& socket, const std::string& config_directory) {
    char request = 0;
    for (;;) {
        const ssize_t got = read(socket.get(), &request, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1)
            return; // the server has ended
        const Bytes message = encode(read_clients(config_directory));
        const Length length = message.size();
        if (!write_all(socket.get(), std::as_bytes(std::span(&length, 1)))
            || !write_all(socket.get(), message))
            return;
    }
}

// Nothing that the server has open stays open here: neither the terminal nor the pipe to whoever started it.
Result<UniqueFd> keep_only(UniqueFd socket) {
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null)
        return fail_errno(errno, "cannot open /dev/null");
    constexpr int place = STDERR_FILENO + 1;
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (dup2(null.get(), standard) < 0)
            return fail_errno(errno, "cannot let go of descriptor {}", standard);
    if (socket.get() != place) {
        if (dup3(socket.get(), place, O_CLOEXEC) < 0)
            return fail_errno(errno, "cannot move the socket");
        socket = UniqueFd(place);
    }
    if (close_range(place + 1, ~0U, 0) != 0)
        return fail_errno(errno, "cannot close what is open");
    return socket;
}

[[noreturn]] void be_the_process(UniqueFd server, const std::string& config_directory) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) // it ends when the server has ended
        (void)std::signal(signal, SIG_IGN);
    (void)prctl(PR_SET_NAME, "mandos-config", 0, 0, 0);
    const Result<UniqueFd> socket = keep_only(std::move(server));
    if (socket && privilege::keep_reading_only())
        answer_requests(*socket, config_directory);
    _exit(socket ? 0 : 1);
}

// Reads LENGTH bytes, as they come.
io::awaitable<Result<void>> read_exactly(loop::Watch& watch, std::span<std::byte> into) {
    while (!into.empty()) {
        const ssize_t got = read(watch.descriptor(), into.data(), into.size());
        if (got > 0) {
            into = into.subspan(static_cast<std::size_t>(got));
        } else if (got == 0) {
            co_return fail(ErrorKind::PeerClosed, "the configuration process has ended; restart the server");
        } else if (errno == EAGAIN || errno == EINTR) {
            if (Result<void> waited = co_await watch.readable(); !waited)
                co_return waited;
        } else {
            co_return fail_errno(errno, "cannot read from the configuration process");
        }
    }
    co_return Result<void>{};
}

// A whole reply.
io::awaitable<Result<Bytes>> receive(loop::Watch& watch) {
    Length length = 0;
    if (Result<void> got = co_await read_exactly(watch, std::as_writable_bytes(std::span(&length, 1))); !got)
        co_return std::unexpected(std::move(got).error());
    if (length > 2 * core::limits::configuration_file)
        co_return fail(ErrorKind::Exhausted, "the configuration process announced {} bytes", length);
    Bytes message(length);
    if (Result<void> got = co_await read_exactly(watch, message); !got)
        co_return std::unexpected(std::move(got).error());
    co_return message;
}

} // namespace

Result<ConfigurationProcess> ConfigurationProcess::start(const std::string& config_directory) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno(errno, "cannot make a socket to the configuration process");
    UniqueFd ours(ends[0]);
    UniqueFd its(ends[1]);
    if (fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0)
        return fail_errno(errno, "cannot talk to the configuration process");
    const auto server = getpid();
    const auto child = fork();
    if (child < 0)
        return fail_errno(errno, "cannot start the configuration process");
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != server)
            _exit(0);
        be_the_process(std::move(its), config_directory);
    }
    return ConfigurationProcess(std::move(ours));
}

io::awaitable<Result<ClientsRead>> ConfigurationProcess::read(io::any_io_executor strand) {
    if (!socket_)
        co_return fail(ErrorKind::PeerClosed, "the configuration process has ended; restart the server");
    // Whatever goes wrong, what is still on its way belongs to no later request: the process ends then.
    UniqueFd socket = std::move(socket_);
    if (Result<void> asked = write_all(socket.get(), as_bytes("r")); !asked)
        co_return std::unexpected(std::move(asked).error().context("cannot ask the configuration process"));
    Result<UniqueFd> watched = socket.duplicate();
    if (!watched)
        co_return std::unexpected(std::move(watched).error());
    watch_ = std::make_unique<loop::Watch>(strand, std::move(*watched));
    watch_->set_deadline(std::chrono::steady_clock::now() + core::limits::configuration_time);
    Result<Bytes> message = co_await receive(*watch_);
    watch_.reset();
    if (!message)
        co_return std::unexpected(std::move(message).error());
    socket_ = std::move(socket);
    co_return decode(*message);
}

void ConfigurationProcess::cancel() {
    if (watch_)
        watch_->cancel();
}

} // namespace mandos::server
