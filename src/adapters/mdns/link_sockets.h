// LinkSockets: the two sockets of one link and version of IP (socket.h) on the loop: opened when they are
// needed and can be, read while the loop runs. All calls are on one strand.
#pragma once

#include <functional>
#include <memory>

#include "adapters/mdns/socket.h"
#include "base/bytes.h"
#include "base/error.h"
#include "loop/asio.h"

namespace mandos::mdns {

class LinkSockets {
  public:
    using Handler = std::function<void(const Received&)>;

    // HEARD is called for each message that came, from the loop; it may destroy this.
    LinkSockets(const io::any_io_executor& strand, const Place& place, Handler heard);
    LinkSockets(const LinkSockets&) = delete;
    LinkSockets& operator=(const LinkSockets&) = delete;
    ~LinkSockets();

    // Opens what is not open yet. Where there is no listening, answers come all the same: that is an error
    // for a log, which listen() returns.
    Result<void> listen();
    Result<void> ask(ByteView query);

  private:
    class Parts;
    // Shared with handlers that are already queued.
    std::shared_ptr<Parts> parts_;
};

} // namespace mandos::mdns
