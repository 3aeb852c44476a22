#include "adapters/bus/requests.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <iterator>
#include <list>
#include <string>
#include <utility>

#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/message.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::bus {

namespace {

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

} // namespace

Result<void> Requests::watch(sd_bus* bus, const std::string& rule, OnSignal handler) {
    Watch& watch = watches_.emplace_back(std::move(handler));
    sd_bus_slot* slot = nullptr;
    // Without a handler for the bus's answer: should it refuse, the connection ends, and process() tells.
    const int code = sd_bus_add_match_async(bus, &slot, rule.c_str(), on_signal, nullptr, &watch);
    if (code < 0) {
        watches_.pop_back();
        return fail_errno(-code, "cannot watch for the signals {}", quoted(rule));
    }
    watch.slot.reset(slot);
    return {};
}

int Requests::on_signal(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
    auto arguments = read_all(message);
    if (!arguments)
        return 0; // nothing that anybody we know would send
    const ReceivedSignal signal{.sender = text_of(sd_bus_message_get_sender(message)),
                                .path = text_of(sd_bus_message_get_path(message)),
                                .interface = text_of(sd_bus_message_get_interface(message)),
                                .member = text_of(sd_bus_message_get_member(message)),
                                .arguments = *std::move(arguments)};
    static_cast<Watch*>(userdata)->handler(signal);
    return 0;
}

Result<void> Requests::call(sd_bus* bus, const Call& call, OnAnswer handler) {
    sd_bus_message* raw_request = nullptr;
    const int made =
        sd_bus_message_new_method_call(bus, &raw_request, call.destination.c_str(), call.path.c_str(),
                                       call.interface.c_str(), call.method.c_str());
    const Message request(raw_request);
    if (made < 0)
        return fail_errno(-made, "cannot make a D-Bus call of {}", quoted(call.method));
    MANDOS_TRY(append(request.get(), call.signature, call.arguments));
    Pending& pending = pending_.emplace_back(this, std::move(handler));
    pending.self = std::prev(pending_.end());
    sd_bus_slot* slot = nullptr;
    const auto limit = std::chrono::duration_cast<std::chrono::microseconds>(call.limit);
    const int sent = sd_bus_call_async(bus, &slot, request.get(), on_answer, &pending,
                                       static_cast<std::uint64_t>(limit.count()));
    if (sent < 0) {
        pending_.pop_back();
        return fail_errno(-sent, "cannot send a D-Bus call of {}", quoted(call.method));
    }
    pending.slot.reset(slot);
    return {};
}

int Requests::on_answer(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
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

void Requests::clear() {
    watches_.clear();
    pending_.clear();
}

} // namespace mandos::bus
