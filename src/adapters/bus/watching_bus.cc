#include "adapters/bus/watching_bus.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/requests.h"
#include "base/error.h"

namespace mandos::bus {

namespace {

// How many messages are read before whoever waits for the screen has a turn.
constexpr int messages_at_once = 300;

} // namespace

WatchingBus::WatchingBus(Bus bus) : bus_(std::move(bus)) {}

WatchingBus::~WatchingBus() = default;

Result<std::unique_ptr<WatchingBus>> WatchingBus::open_system() {
    Bus bus = MANDOS_TRY(Bus::open_system()); // not inside new: leaving from there would leak
    return std::unique_ptr<WatchingBus>(new WatchingBus(std::move(bus)));
}

Result<void> WatchingBus::watch(const std::string& rule, Signalled handler) {
    return requests_.watch(bus_.raw(), rule, std::move(handler));
}

Result<void> WatchingBus::call(const Call& call, Answered handler) {
    return requests_.call(bus_.raw(), call, std::move(handler));
}

int WatchingBus::descriptor() const {
    return sd_bus_get_fd(bus_.raw());
}

short WatchingBus::events() const {
    const int events = sd_bus_get_events(bus_.raw());
    return events < 0 ? short{0} : static_cast<short>(events); // gone: process() tells
}

std::optional<WatchingBus::TimePoint> WatchingBus::deadline() const {
    std::uint64_t microseconds = 0;
    if (sd_bus_get_timeout(bus_.raw(), &microseconds) < 0)
        return TimePoint{};
    if (microseconds == UINT64_MAX)
        return std::nullopt;
    return TimePoint(std::chrono::microseconds(microseconds)); // both count CLOCK_MONOTONIC
}

Result<void> WatchingBus::process() {
    for (int handled = 0; handled < messages_at_once; ++handled) {
        const int code = sd_bus_process(bus_.raw(), nullptr);
        if (code == 0)
            return {};
        if (code < 0)
            return fail_errno(-code, "the connection to the message bus has ended");
    }
    return {};
}

void WatchingBus::finish(std::chrono::milliseconds limit) {
    const TimePoint end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        std::uint64_t queued = 0;
        if (sd_bus_get_n_queued_write(bus_.raw(), &queued) < 0 || queued == 0)
            return;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd connection{.fd = descriptor(), .events = POLLOUT, .revents = 0};
        if (left.count() <= 0 || poll(&connection, 1, static_cast<int>(left.count())) <= 0 || !process())
            return;
    }
}

} // namespace mandos::bus
