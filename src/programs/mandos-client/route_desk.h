// RouteDesk: the manager's end of the channel to the fetcher (two_processes.h). Tells it which links there
// are, and makes the routes that it may ask for (core/direct_routes.h). Reads one request after the other, at
// a pace, and keeps for the fetcher at most one piece of news about each link while that does not read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

namespace mandos::client {

class RouteDesk {
  public:
    // DISTRUST is called, once, when the fetcher says what it never would. It may not destroy this.
    RouteDesk(const io::any_io_executor& strand, UniqueFd channel,
              std::function<void(const Error& error)> distrust);
    RouteDesk(const RouteDesk&) = delete;
    RouteDesk& operator=(const RouteDesk&) = delete;
    // end(), where that was not called.
    ~RouteDesk();

    // From then on requests are read.
    void start();
    void came(std::uint32_t link, std::string_view name);
    void left(std::uint32_t link);
    // Removes all routes; nothing is read any more.
    void end();

  private:
    class Parts;
    // Shared with waits that may already be queued when the desk goes.
    std::shared_ptr<Parts> parts_;
    bool ended_ = false;
};

} // namespace mandos::client
