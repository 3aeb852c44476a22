#include "programs/mandos/desk.h"

#include <utility>

#include "adapters/bus/loop_connection.h"
#include "base/error.h"
#include "core/events.h"
#include "core/limits.h"

namespace mandos::server {

void Desk::act(core::Event event, bus::IncomingCall call) {
    act(std::move(event), std::move(call), [](bus::IncomingCall done) { done.reply(); });
}

void Desk::act(core::Event event, bus::IncomingCall call, Answer answer) {
    if (*waiting_ >= core::limits::bus_calls) {
        call.refuse(bus::error_names::limits_exceeded, "too many calls wait for an answer");
        return;
    }
    ++*waiting_;
    acts_.act(std::move(event), [waiting = waiting_, call = std::move(call),
                                 answer = std::move(answer)](const Result<void>& done) mutable {
        --*waiting;
        if (done)
            answer(std::move(call));
        else
            call.refuse(done.error());
    });
}

} // namespace mandos::server
