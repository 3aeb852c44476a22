#include "adapters/bus/watching_bus.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/message.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::bus {

struct WatchingBus::Watch {
    Signalled handler;
    Slot slot;
};

struct WatchingBus::Pending {
    WatchingBus* owner = nullptr;
    Answered handler;
    std::list<Pending>::iterator self;
    Slot slot;
};

namespace {

// How many messages are read before whoever waits for the screen has a turn.
constexpr int messages_at_once = 300;

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

} // namespace

WatchingBus::WatchingBus(Bus bus) : bus_(std::move(bus)) {}

WatchingBus::~WatchingBus() = default;

Result<std::unique_ptr<WatchingBus>> WatchingBus::open_system() {
    Bus bus = MANDOS_TRY(Bus::open_system()); // not inside new: leaving from there would leak
    return std::unique_ptr<WatchingBus>(new WatchingBus(std::move(bus)));
}

Result<void> WatchingBus::watch(const std::string& rule, Signalled handler) {
    Watch& watch = watches_.emplace_back(std::move(handler), nullptr);
    sd_bus_slot* slot = nullptr;
    // Without a handler for the bus's answer: should it refuse, the connection ends, and process() tells.
    const int code = sd_bus_add_match_async(bus_.raw(), &slot, rule.c_str(), on_signal, nullptr, &watch);
    if (code < 0) {
        watches_.pop_back();
        return fail_errno(-code, "cannot watch for the signals {}", quoted(rule));
    }
    watch.slot.reset(slot);
    return {};
}

int WatchingBus::on_signal(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto arguments = read_all(message);
    if (!arguments)
        return 0; // nothing that a server of ours would send
    const ReceivedSignal signal{.sender = text_of(sd_bus_message_get_sender(message)),
                                .path = text_of(sd_bus_message_get_path(message)),
                                .interface = text_of(sd_bus_message_get_interface(message)),
                                .member = text_of(sd_bus_message_get_member(message)),
                                .arguments = *std::move(arguments)};
    static_cast<Watch*>(userdata)->handler(signal);
    return 0;
}

Result<void> WatchingBus::call(const Call& call, Answered handler) {
    sd_bus_message* raw_request = nullptr;
    const int made =
        sd_bus_message_new_method_call(bus_.raw(), &raw_request, call.destination.c_str(), call.path.c_str(),
                                       call.interface.c_str(), call.method.c_str());
    const Message request(raw_request);
    if (made < 0)
        return fail_errno(-made, "cannot make a D-Bus call of {}", quoted(call.method));
    MANDOS_TRY(append(request.get(), call.signature, call.arguments));
    Pending& pending = pending_.emplace_back(this, std::move(handler));
    pending.self = std::prev(pending_.end());
    sd_bus_slot* slot = nullptr;
    const auto limit = std::chrono::duration_cast<std::chrono::microseconds>(call.limit);
    const int sent = sd_bus_call_async(bus_.raw(), &slot, request.get(), on_answer, &pending,
                                       static_cast<std::uint64_t>(limit.count()));
    if (sent < 0) {
        pending_.pop_back();
        return fail_errno(-sent, "cannot send a D-Bus call of {}", quoted(call.method));
    }
    pending.slot.reset(slot);
    return {};
}

int WatchingBus::on_answer(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto* const pending = static_cast<Pending*>(userdata);
    // Taken out first: the handler may make the next call. The library holds the slot while it calls us.
    std::list<Pending> taken;
    taken.splice(taken.begin(), pending->owner->pending_, pending->self);
    const sd_bus_error* const error = sd_bus_message_get_error(message);
    if (error != nullptr)
        pending->handler(std::unexpected(answered_error(*error, sd_bus_message_get_errno(message))));
    else
        pending->handler(read_all(message));
    return 0;
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
