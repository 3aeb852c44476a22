// Desk: takes what callers on D-Bus want done to the server, and answers them when it is durable.
// Invariant: no more calls wait for an answer than limits::bus_calls; one more is refused.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "adapters/bus/loop_connection.h"
#include "core/events.h"
#include "programs/mandos/acts.h"

namespace mandos::server {

class Desk {
  public:
    using Answer = std::move_only_function<void(bus::IncomingCall)>;

    explicit Desk(Acts& acts) : acts_(acts) {}

    Acts& acts() const { return acts_; }

    // Replies to CALL when EVENT is done, with an error when it is not; or lets ANSWER reply.
    void act(core::Event event, bus::IncomingCall call);
    void act(core::Event event, bus::IncomingCall call, Answer answer);

  private:
    Acts& acts_;
    // Shared with acts that are under way, which may be done when the desk is gone.
    std::shared_ptr<std::size_t> waiting_ = std::make_shared<std::size_t>(0);
};

} // namespace mandos::server
