// Dhcp: asks DHCP servers for IPv4 addresses, through the client that an initramfs has: klibc's ipconfig, or
// busybox's udhcpc where there is no other. It only asks: what is answered is read as data
// (wire/dhcp_lease.h) and handed on; nobody but core/addressing.h decides what is done with it.
//
//   runs        | as root, in a process group of its own, standard output and errors passed on as lines
//   takes long  | is ended after limits::dhcp_time, and begun again until there is an answer
//   writes      | /run/net-INTERFACE.conf, which is removed once it was read: whoever finds one there
//   believes
//               | that the interface is configured for good
//   was there   | another configures this interface, and nothing is asked
//
// Everything happens on one strand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/addressing.h"
#include "loop/asio.h"

namespace mandos::client {

class Dhcp {
  public:
    struct Handlers {
        std::function<void(std::uint32_t link, const core::Lease& lease)> leased;
        std::function<void(std::string_view line)> problem; // for people
    };

    Dhcp(io::any_io_executor strand, Handlers handlers);
    Dhcp(const Dhcp&) = delete;
    Dhcp& operator=(const Dhcp&) = delete;
    // stop() for each.
    ~Dhcp();

    // Until there is an answer, for the interface with index LINK.
    void ask(std::uint32_t link, const std::string& name);
    // Its handler is not called any more, and nothing runs for it.
    void stop(std::uint32_t link);

  private:
    struct Asking;
    static io::awaitable<void> ask_until_answered(std::shared_ptr<Asking> asking);

    io::any_io_executor strand_;
    Handlers handlers_;
    // Shared with the coroutine that asks.
    std::map<std::uint32_t, std::shared_ptr<Asking>> asking_;
};

} // namespace mandos::client
