#include "loop/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "loop/held_signals.h"
#include "loop/watch.h"

namespace mandos::loop {

namespace {

// What comes through the pipe: one byte, then the result, or the text of the error.
constexpr std::byte succeeded{0};
constexpr std::byte failed{1}; // plus the kind of the error

// Closes standard input and output, and all sockets and pipes but OUTPUT: what the parent closes must be
// closed for the other side too. Only those, since libraries keep descriptors of their own (librnp's of
// /dev/random).
void close_connections(int output) {
    constexpr std::size_t looked_at = 4096;
    rlimit limit{};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    // One call tells which are open (poll(2), POLLNVAL).
    std::vector<pollfd> descriptors(std::min<rlim_t>(limit.rlim_cur, looked_at));
    for (std::size_t i = 0; i < descriptors.size(); ++i)
        descriptors[i].fd = static_cast<int>(i);
    const bool is_known = poll(descriptors.data(), descriptors.size(), 0) >= 0;
    for (const pollfd& each : descriptors) {
        if (each.fd <= STDERR_FILENO || each.fd == output || (is_known && (each.revents & POLLNVAL) != 0))
            continue;
        struct stat status{};
        if (fstat(each.fd, &status) == 0 && (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode)))
            (void)close(each.fd);
    }
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
}

// One forked process; killed and reaped with this object.
class Child {
  public:
    static Result<Child> start(ChildTask& task);
    Child(Child&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)),
          output_(std::move(other.output_)),
          process_(std::move(other.process_)) {}
    Child& operator=(Child&&) = delete;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0)
            return;
        (void)kill(pid_, SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
            continue;
    }

    // Each may be taken once: the end of the pipe, and what becomes readable when the process has ended.
    UniqueFd take_output() { return std::move(output_); }
    UniqueFd take_process() { return std::move(process_); }

    // How it ended; only after its process descriptor became readable.
    Result<void> reap();

  private:
    Child(pid_t pid, UniqueFd output) : pid_(pid), output_(std::move(output)) {}
    [[noreturn]] static void run(ChildTask& task, int output, pid_t parent) noexcept;

    pid_t pid_;
    UniqueFd output_;
    UniqueFd process_;
};

Result<Child> Child::start(ChildTask& task) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail_errno(errno, "cannot make a pipe");
    UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    if (fcntl(reading.get(), F_SETFL, O_NONBLOCK) != 0)
        return fail_errno(errno, "cannot make a pipe non-blocking");

    const pid_t parent = getpid();
    const HeldSignals held(HeldSignals::All{}); // the child must not run the handlers of its parent
    const pid_t pid = fork();
    if (pid < 0)
        return fail_errno(errno, "cannot make a child process");
    if (pid == 0)
        run(task, writing.get(), parent);
    Child child(pid, std::move(reading));
    // Not pidfd_open(): the header of glibc 2.36 declares it for C only.
    child.process_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!child.process_)
        return fail_errno(errno, "cannot watch a child process");
    return child;
}

void Child::run(ChildTask& task, int output, pid_t parent) noexcept {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it died before that
        _exit(EXIT_FAILURE);
    for (int number = 1; number < NSIG; ++number)
        (void)signal(number, SIG_DFL); // the parent's handlers would write to the parent's loop
    sigset_t none{};
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, nullptr);

    close_connections(output);
    const Result<SecretBytes> result = task();
    const std::byte head =
        result
            ? succeeded
            : std::byte(static_cast<std::uint8_t>(failed) + static_cast<std::uint8_t>(result.error().kind()));
    const ByteView body = result ? result->reveal() : as_bytes(result.error().text());
    const bool written = write_all(output, ByteView(&head, 1)) && write_all(output, body);
    _exit(written ? EXIT_SUCCESS : EXIT_FAILURE);
}

Result<void> Child::reap() {
    int status = 0;
    const pid_t pid = std::exchange(pid_, -1);
    if (waitpid(pid, &status, 0) != pid)
        return fail_errno(errno, "cannot wait for a child process");
    if (WIFSIGNALED(status))
        return fail(ErrorKind::System, "its process was ended by signal {}", WTERMSIG(status));
    if (WEXITSTATUS(status) != EXIT_SUCCESS)
        return fail(ErrorKind::System, "its process ended with status {}", WEXITSTATUS(status));
    return {};
}

struct Piece {
    std::size_t bytes = 0; // 0 without wait: the end
    bool wait = false;
};

Result<Piece> read_piece(int fd, std::span<std::byte> into) {
    for (;;) {
        const ssize_t got = read(fd, into.data(), into.size());
        if (got >= 0)
            return Piece{.bytes = static_cast<std::size_t>(got)};
        if (errno == EAGAIN)
            return Piece{.wait = true};
        if (errno != EINTR)
            return fail_errno(errno, "cannot read from a child process");
    }
}

// Everything that comes out of PIPE. Exhausted: more than LIMIT bytes.
io::awaitable<Result<SecretBytes>> read_to_end(Watch& pipe, std::size_t limit) {
    constexpr std::size_t first_size = 4096;
    SecretBytes output(std::min(first_size, limit + 1));
    std::size_t filled = 0;
    for (;;) {
        const auto piece = read_piece(pipe.descriptor(), output.reveal().subspan(filled));
        if (!piece)
            co_return std::unexpected(piece.error());
        if (piece->wait) {
            if (const auto ready = co_await pipe.readable(); !ready)
                co_return std::unexpected(ready.error());
            continue;
        }
        if (piece->bytes == 0)
            break;
        filled += piece->bytes;
        if (filled > limit)
            co_return fail(ErrorKind::Exhausted, "more than {} bytes came out", limit);
        if (filled == output.size())
            output.resize(std::min(output.size() * 2, limit + 1));
    }
    output.resize(filled);
    co_return output;
}

Result<SecretBytes> unpack(const SecretBytes& output) {
    if (output.empty())
        return fail(ErrorKind::System, "its process said nothing");
    const std::byte head = output.reveal().front();
    const ByteView body = output.reveal().subspan(1);
    if (head == succeeded)
        return SecretBytes::copy_of(body);
    const int kind = std::to_integer<int>(head) - std::to_integer<int>(failed);
    if (kind > static_cast<int>(ErrorKind::System))
        return fail(ErrorKind::System, "its process gave an answer of an unknown kind");
    return std::unexpected(Error(static_cast<ErrorKind>(kind), std::string(as_text(body))));
}

io::awaitable<Result<SecretBytes>> wait_for(Child& child, ChildLimits limits) {
    const auto strand = co_await io::this_coro::executor;
    Watch pipe(strand, child.take_output());
    pipe.set_deadline(limits.deadline);
    auto output = co_await read_to_end(pipe, limits.output + 1);
    if (!output)
        co_return std::unexpected(std::move(output).error());
    Watch process(strand, child.take_process());
    process.set_deadline(limits.deadline);
    if (const auto ended = co_await process.readable(); !ended)
        co_return std::unexpected(ended.error());
    if (const auto status = child.reap(); !status)
        co_return std::unexpected(status.error());
    co_return unpack(*output);
}

} // namespace

io::awaitable<Result<SecretBytes>> in_child(std::string what, ChildTask task, ChildLimits limits) {
    // A fast one could be ready before its deadline is noticed.
    if (limits.deadline <= Watch::Deadline::clock::now())
        co_return std::unexpected(Error(ErrorKind::TimedOut, "there is no time left").context(what));
    auto child = Child::start(task);
    if (!child)
        co_return std::unexpected(std::move(child).error().context(what));
    auto result = co_await wait_for(*child, limits);
    if (!result)
        co_return std::unexpected(std::move(result).error().context(what));
    co_return result;
}

} // namespace mandos::loop
