// Network: the interfaces of this machine as far as servers are looked for on them. Brings up what has to be,
// tells which can be used and which no longer can, takes up those that come late, and undoes at the end what
// it did. core/links.h decides; this has the kernel's interfaces and the clock. Takes CAP_NET_ADMIN; without
// it, what others have brought up is used as it is. What it takes beyond bare links (VLANs, addresses,
// routes) is made by addresses.h.
//
// Everything happens on one strand.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "core/addressing.h"
#include "core/links.h"
#include "loop/asio.h"

namespace mandos::client {

class Network {
  public:
    struct Handlers {
        // Servers can be looked for, or asked, by this interface; also said again, when one that could not be
        // reached before may be reached now.
        std::function<void(std::uint32_t index, std::string_view name)> came;
        std::function<void(std::uint32_t index)> left;
        // A line for people about what went wrong.
        std::function<void(std::string_view line)> problem;
    };

    // Interfaces that ADDRESSING names are used beside those of SETTINGS.
    Network(const io::any_io_executor& strand, core::Links::Settings settings, Handlers handlers,
            core::AddressingSettings addressing = {});
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    // end(), where that was not called.
    ~Network();

    // System: the kernel does not tell about interfaces; none will come.
    Result<void> start();
    // Takes down and puts back; no handler is called any more.
    void end();

  private:
    class Parts;
    // Shared with the handler of the timer, which may already be queued when the network goes.
    std::shared_ptr<Parts> parts_;
};

} // namespace mandos::client
