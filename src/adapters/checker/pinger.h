// Pinger: ICMP echo requests to many hosts at once, over one pair of sockets. A reply counts only if it comes
// from the address that was asked, with our identifier, a sequence number that went there, and eight random
// bytes that only the request had: who cannot see the requests cannot answer them. Used by the server for the
// default checker. All calls are on one strand.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include <sys/socket.h>

#include "adapters/checker/ping_sockets.h"
#include "base/error.h"
#include "loop/asio.h"

namespace mandos::checker {

class Pinger {
  public:
    using Id = std::uint64_t;
    using Handler = std::move_only_function<void(Result<void>)>;

    Pinger(const io::any_io_executor& strand, PingSockets sockets);
    Pinger(const Pinger&) = delete;
    Pinger& operator=(const Pinger&) = delete;
    ~Pinger();

    // Whether one of ADDRESSES (IPv4 or IPv6, at least one) answers. Each is asked at 0, 0.5, 1.5, 2.5 s and
    // so on until LIMIT. DONE is called later, never from within start(). TimedOut: "no answer from 192.0.2.1
    // within 5 s"; other errors: nothing could be sent to any of them, and why, also at LIMIT.
    Id start(std::span<const sockaddr_storage> addresses, std::chrono::milliseconds limit, Handler done);

    // Its handler is not called.
    void stop(Id id);

  private:
    class Parts;
    // Shared with handlers that are already queued.
    std::shared_ptr<Parts> parts_;
    Id last_ = 0;
};

} // namespace mandos::checker
