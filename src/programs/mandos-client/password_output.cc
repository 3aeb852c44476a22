#include "programs/mandos-client/password_output.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/limits.h"

namespace mandos::client {

namespace {

using Clock = std::chrono::steady_clock;

Result<void> wait_for_reader(int descriptor, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd waited{.fd = descriptor, .events = POLLOUT, .revents = 0};
        const int ready = poll(&waited, 1, std::max(0, static_cast<int>(left.count())));
        if (ready > 0)
            return {};
        if (ready == 0)
            return fail(ErrorKind::TimedOut, "nobody reads it");
        if (errno != EINTR)
            return fail_errno(errno, "cannot wait for whoever reads it");
    }
}

// What poll(2) said can be written is at least PIPE_BUF bytes (pipe(7)): so many at once never block.
Result<std::size_t> write_piece(int descriptor, ByteView rest) {
    const ssize_t written = write(descriptor, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (written > 0)
        return static_cast<std::size_t>(written);
    if (written == 0 || errno == EINTR || errno == EAGAIN)
        return 0;
    return fail_errno(errno, "cannot write it");
}

} // namespace

Delivery deliver(const SecretBytes& password, int descriptor) {
    const Clock::time_point deadline = Clock::now() + core::limits::delivery_time;
    Delivery delivery;
    while (delivery.bytes < password.size()) {
        if (auto ready = wait_for_reader(descriptor, deadline); !ready) {
            delivery.error = std::move(ready).error();
            break;
        }
        const auto written = write_piece(descriptor, password.reveal().subspan(delivery.bytes));
        if (!written) {
            delivery.error = written.error();
            break;
        }
        delivery.bytes += *written;
    }
    return delivery;
}

} // namespace mandos::client
