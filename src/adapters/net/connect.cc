#include "adapters/net/connect.h"

#include <cerrno>
#include <expected>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::net {

namespace {

// A peer that says nothing for this long is asked whether it is still there (tcp(7)); a server may keep us
// waiting for an approval, and a dead one must not look like that.
constexpr int keep_alive_after = 10;   // seconds
constexpr int keep_alive_interval = 5; // seconds
constexpr int keep_alive_count = 4;

} // namespace

Result<UniqueFd> begin_connecting(const Endpoint& endpoint) {
    UniqueFd fd(socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    if (!fd)
        return fail_errno(errno, "cannot make a socket");
    const auto set = [&fd](int level, int option, int value) {
        // Without these it still works: slower, or a vanished peer is noticed later.
        (void)setsockopt(fd.get(), level, option, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_after);
    set(IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_interval);
    set(IPPROTO_TCP, TCP_KEEPCNT, keep_alive_count);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.length) != 0
        && errno != EINPROGRESS)
        return fail_errno(errno, "cannot connect");
    return fd;
}

Result<void> end_connecting(int socket) {
    int code = 0;
    socklen_t length = sizeof code;
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length) != 0)
        code = errno;
    if (code != 0)
        return fail_errno(code, "cannot connect");
    return {};
}

io::awaitable<Result<loop::Watch>> connect_to(Endpoint endpoint, loop::Watch::Deadline deadline) {
    auto fd = begin_connecting(endpoint);
    if (!fd)
        co_return std::unexpected(std::move(fd).error());
    loop::Watch watch(co_await io::this_coro::executor, *std::move(fd));
    watch.set_deadline(deadline);
    if (auto ready = co_await watch.writable(); !ready)
        co_return std::unexpected(std::move(ready).error().context("cannot connect"));
    if (auto connected = end_connecting(watch.descriptor()); !connected)
        co_return std::unexpected(std::move(connected).error());
    co_return watch;
}

void acknowledge_at_once(int socket) {
    const int on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on); // without it, it only takes longer
}

} // namespace mandos::net
