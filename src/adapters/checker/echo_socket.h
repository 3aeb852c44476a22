// EchoSocket: one of the PingSockets on the loop. Requests go out by it; of what comes in, the replies to
// this identifier come out. It knows nobody who is asked: whether a reply counts is for the Pinger to say,
// which alone uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <sys/socket.h>

#include "adapters/checker/ping_sockets.h"
#include "adapters/checker/ping_target.h"
#include "base/bytes.h"
#include "base/error.h"
#include "loop/asio.h"
#include "wire/icmp_echo.h"

namespace mandos::checker {

class EchoSocket {
  public:
    struct Reply {
        wire::Echo echo;
        sockaddr_storage sender;
        socklen_t sender_size;
    };
    using Handler = std::move_only_function<void(const std::error_code&)>;

    EchoSocket(const io::any_io_executor& strand, PingSocket socket, wire::IpVersion version);
    EchoSocket(const EchoSocket&) = delete;
    EchoSocket& operator=(const EchoSocket&) = delete;
    ~EchoSocket() = default;

    // Never waits: where it cannot be sent at once, it is lost, as it may be on the way. System: there is no
    // such socket, or no way to TARGET.
    Result<void> send(const PingTarget& target, std::uint16_t sequence, std::uint64_t token);

    // The replies among the next packets, of which it takes so many at the most. Empty where there is nothing
    // to read, and without a socket.
    std::vector<Reply> receive(std::size_t packets);

    // Calls THEN when there is something to read, or with operation_aborted after cancel() and close(). THEN
    // keeps this alive. Nothing happens where somebody waits already, and without a socket.
    void when_readable(Handler then);
    void cancel();
    void close();

  private:
    std::optional<wire::Echo> read(ByteView packet) const;

    const wire::IpVersion version_;
    const PingSocket::Kind kind_;
    const std::uint16_t identifier_;
    const std::string missing_;
    std::optional<io::posix::stream_descriptor> descriptor_;
    bool is_waiting_ = false;
};

} // namespace mandos::checker
