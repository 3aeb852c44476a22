// Implements connection_state.h: a turn of the connection, which handles what has come and waits for more;
// and what is sent.
#include "adapters/bus/connection_state.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <systemd/sd-bus-protocol.h>
#include <systemd/sd-bus.h>

#include "base/error.h"
#include "core/limits.h"
#include "loop/asio.h"

namespace mandos::bus {

namespace limits = core::limits;

namespace {

// Messages that are handled before others on the strand have their turn.
constexpr int messages_at_once = 32;

} // namespace

void ConnectionState::turn() {
    for (int count = 0; bus && !broken; ++count) {
        if (count == messages_at_once) {
            turn_later();
            return;
        }
        const int code = sd_bus_process(bus.get(), nullptr);
        if (code < 0) {
            deaf.clear(); // the next bus gives the same names to others
            broken = Error::from_errno(-code, "the connection to the message bus broke");
        }
        if (code <= 0)
            break;
    }
    if (broken) {
        const Error why = *broken;
        lose(why);
    } else if (bus) {
        arm();
    }
}

void ConnectionState::turn_later() {
    if (std::exchange(turn_is_posted, true))
        return;
    io::post(strand, [self = shared_from_this()] {
        self->turn_is_posted = false;
        self->turn();
    });
}

void ConnectionState::wait(io::posix::stream_descriptor::wait_type what, bool& is_waiting) {
    if (std::exchange(is_waiting, true))
        return;
    descriptor->async_wait(
        what, [self = shared_from_this(), now = generation, &is_waiting](const std::error_code&) {
            if (self->generation != now)
                return;
            is_waiting = false;
            self->turn();
        });
}

void ConnectionState::arm() {
    const int events = sd_bus_get_events(bus.get());
    std::uint64_t waiting = 0;
    if (events < 0 || sd_bus_get_n_queued_write(bus.get(), &waiting) < 0) {
        broken = Error(ErrorKind::PeerClosed, "the message bus closed the connection");
        turn_later();
        return;
    }
    if ((events & POLLIN) != 0)
        wait(io::posix::stream_descriptor::wait_read, reading);
    if ((events & POLLOUT) != 0)
        wait(io::posix::stream_descriptor::wait_write, writing);
    arm_timer(waiting);
}

void ConnectionState::arm_timer(std::size_t waiting) {
    int unread = 0; // which the socket holds, and the bus has not read
    (void)ioctl(sd_bus_get_fd(bus.get()), SIOCOUTQ, &unread); // unix(7); none where it fails
    const bool was_empty = backlog.bytes() == 0;
    backlog.look(waiting, unread);
    if (!was_empty && backlog.bytes() == 0)
        for (auto& [name, caller] : callers)
            caller.bytes = 0;
    const Moment now = Moment::clock::now();
    if (backlog.wants_ping(now))
        ping();
    if (backlog.stalls(now)) {
        stall();
        return;
    }
    Moment next = backlog.next_look(now).value_or(Moment::max());
    std::uint64_t due = 0; // CLOCK_MONOTONIC, which is the steady clock
    if (sd_bus_get_timeout(bus.get(), &due) > 0 && due != UINT64_MAX)
        next = std::min(next, Moment(std::chrono::microseconds(due)));
    if (next == Moment::max()) {
        timer.cancel();
        return;
    }
    timer.expires_at(next);
    timer.async_wait([self = shared_from_this(), made = generation](const std::error_code& error) {
        if (!error && self->generation == made)
            self->turn();
    });
}

// The bus holds what a caller does not read, counts it as ours, and takes no more from us when it is too
// much. The new connection starts with a count of nothing, and whoever had most is not answered any more.
void ConnectionState::stall() {
    const auto most =
        std::ranges::max_element(callers, {}, [](const auto& entry) { return entry.second.all_bytes; });
    if (most != callers.end() && most->second.all_bytes > limits::bus_caller) {
        if (deaf.size() >= limits::bus_callers)
            deaf.clear();
        deaf.insert(most->first);
    }
    broken = Error(ErrorKind::TimedOut, "the message bus takes nothing from us");
    turn_later();
}

void ConnectionState::ping() {
    const int code = sd_bus_call_method_async(
        bus.get(), nullptr, driver, driver_path, driver, "GetId",
        [](sd_bus_message* /*reply*/, void* state, sd_bus_error* /*error*/) noexcept {
            static_cast<ConnectionState*>(state)->backlog.answered();
            return 1;
        },
        this, "");
    if (code < 0)
        backlog.not_pinged();
    else
        backlog.pinged();
    turn_later();
}

void ConnectionState::send(sd_bus_message* message, std::size_t weight) {
    if (!bus || broken)
        return;
    if (const int code = sd_bus_send(bus.get(), message, nullptr); code < 0)
        broken = Error::from_errno(-code, "cannot send to the message bus");
    sent(weight);
}

void ConnectionState::sent(std::size_t weight) {
    backlog.sent(weight);
    if (!broken && backlog.bytes() > limits::bus_queue)
        broken = Error(ErrorKind::Exhausted, "the message bus does not take what we send");
    turn_later();
}

} // namespace mandos::bus
