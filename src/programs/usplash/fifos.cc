#include "programs/usplash/fifos.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "adapters/processes/run.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"

namespace mandos::usplash {

namespace {

const char* const commands = "/dev/.initramfs/usplash_fifo";
const char* const answers = "/dev/.initramfs/usplash_outfifo";

// Waits until DESCRIPTOR (-1: none) is READY, LIMIT or a signal.
Result<void> wait_for(int descriptor, short ready, const processes::EndingSignals& signals, int limit) {
    std::array<pollfd, 2> waited{{{.fd = descriptor, .events = ready, .revents = 0},
                                  {.fd = signals.descriptor(), .events = POLLIN, .revents = 0}}};
    int found = poll(waited.data(), waited.size(), limit);
    while (found < 0 && errno == EINTR)
        found = poll(waited.data(), waited.size(), limit);
    if (found < 0)
        return fail_errno(errno, "cannot wait for usplash");
    if (waited[1].revents != 0)
        return fail(ErrorKind::Interrupted, "interrupted");
    if (found == 0)
        return fail(ErrorKind::TimedOut, "usplash does nothing");
    return {};
}

// A FIFO that nobody reads cannot be opened for writing without waiting: tried until the limit.
Result<UniqueFd> open_commands(const processes::EndingSignals& signals) {
    constexpr int between_tries = 100; // milliseconds
    const auto until = std::chrono::steady_clock::now() + core::limits::splash_command_time;
    for (;;) {
        UniqueFd fifo(open(commands, O_WRONLY | O_CLOEXEC | O_NONBLOCK));
        if (fifo)
            return fifo;
        if (errno != ENXIO || std::chrono::steady_clock::now() > until)
            return fail_errno(errno, "cannot open {}", commands);
        const auto waited = wait_for(-1, 0, signals, between_tries);
        if (!waited && waited.error().kind() != ErrorKind::TimedOut)
            return std::unexpected(waited.error());
    }
}

} // namespace

Result<void> send_command(std::string_view command, const processes::EndingSignals& signals) {
    const UniqueFd fifo = MANDOS_TRY(open_commands(signals));
    std::string text(command);
    text.push_back('\0');
    // Shorter than what a pipe takes at once or not at all (pipe(7), PIPE_BUF).
    return write_all(fifo.get(), as_bytes(text));
}

Result<SecretBytes> read_answer(const processes::EndingSignals& signals) {
    // Does not wait for usplash, nor is it at its end before usplash has come and gone: so poll(2) does for
    // FIFOs.
    const UniqueFd fifo(open(answers, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fifo)
        return fail_errno(errno, "cannot open {}", answers);
    SecretBytes answer;
    SecretBytes piece(4096);
    for (;;) {
        MANDOS_TRY(wait_for(fifo.get(), POLLIN, signals, -1));
        const ssize_t got = read(fifo.get(), piece.reveal().data(), piece.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got < 0)
            return fail_errno(errno, "cannot read {}", answers);
        const auto bytes = piece.reveal().first(static_cast<std::size_t>(got));
        const auto end = std::ranges::find(bytes, std::byte{0});
        const std::size_t before = answer.size();
        const auto more = static_cast<std::size_t>(end - bytes.begin());
        if (before + more > core::limits::password)
            return fail(ErrorKind::Exhausted, "the password is longer than {} bytes", core::limits::password);
        answer.resize(before + more);
        std::ranges::copy(bytes.first(more), answer.reveal().subspan(before).begin());
        if (end != bytes.end() || got == 0)
            return answer;
    }
}

} // namespace mandos::usplash
