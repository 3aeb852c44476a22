// Finder: finds Mandos servers on the links it is told of, by Multicast DNS, for as long as it exists: new
// ones at once, and those that leave are told of too. What is decided is core/discovery's; this is its clock,
// its sockets and its dice. Needs no privilege, no address before a link has one, and no daemon. Used by
// programs that look for servers; whoever brings links up calls link_up() at each event.
//
// All calls are on one strand. Handlers are called on it too, from the loop or, gone(), from link_gone();
// they may neither call nor destroy the finder. Nothing listens and no timer runs without a link.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "core/discovery.h"
#include "loop/asio.h"

namespace mandos::mdns {

class Finder {
  public:
    using Id = core::Discovery::Id;
    using Server = core::Discovery::Server;

    struct Handlers {
        // One place of one server: each is told once, and is gone() at most once. Whom to try when is for
        // core/race to say, by announcer: nobody has proved anything yet.
        std::function<void(Id, const Server&)> found;
        std::function<void(Id)> gone;
        // A line for a log of details, e.g. why nothing could be sent; each thing is said once for each link.
        std::function<void(std::string_view)> remark;
    };

    Finder(const io::any_io_executor& strand, Handlers handlers);
    Finder(const Finder&) = delete;
    Finder& operator=(const Finder&) = delete;
    ~Finder();

    // The network interface INDEX is up; to be called again when it has a carrier or an address that can be
    // used: what could not be sent before is sent then. Sends at once; what cannot be sent is tried again.
    void link_up(std::uint32_t index, std::string_view name);
    // It is down or away: all that was found on it is gone.
    void link_gone(std::uint32_t index);

  private:
    class Parts;
    // Shared with handlers that are already queued.
    std::shared_ptr<Parts> parts_;
};

} // namespace mandos::mdns
