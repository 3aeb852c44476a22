// LoopConnection: calls that come in, and who makes them.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <systemd/sd-bus-protocol.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/connection_state.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/message.h"
#include "adapters/bus/value.h"
#include "adapters/bus/weight.h"
#include "base/check.h"
#include "base/error.h"
#include "core/limits.h"

namespace mandos::bus {

namespace limits = core::limits;

namespace {

std::string_view text_or_nothing(const char* text) {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

const char* name_for(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::NotFound:
        return error_names::unknown_object;
    case ErrorKind::Invalid:
        return error_names::invalid_args;
    case ErrorKind::Denied:
        return error_names::access_denied;
    case ErrorKind::TimedOut:
        return error_names::timed_out;
    case ErrorKind::Exhausted:
        return error_names::limits_exceeded;
    case ErrorKind::Unsupported:
        return error_names::not_supported;
    case ErrorKind::PeerClosed:
    case ErrorKind::Interrupted:
    case ErrorKind::System:
        break;
    }
    return error_names::failed;
}

Message new_reply(sd_bus_message* call) {
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_return(call, &raw) < 0)
        return {};
    return Message(raw);
}

} // namespace

IncomingCall::IncomingCall(std::unique_ptr<CallData> data) : data_(std::move(data)) {}
IncomingCall::IncomingCall(IncomingCall&& other) noexcept = default;
IncomingCall& IncomingCall::operator=(IncomingCall&& other) noexcept = default;
IncomingCall::~IncomingCall() {
    if (data_)
        refuse(error_names::failed, "the server gave the call up");
}

std::string_view IncomingCall::path() const {
    return text_or_nothing(sd_bus_message_get_path(data_->message.get()));
}
std::string_view IncomingCall::interface() const {
    return text_or_nothing(sd_bus_message_get_interface(data_->message.get()));
}
std::string_view IncomingCall::member() const {
    return text_or_nothing(sd_bus_message_get_member(data_->message.get()));
}
std::string_view IncomingCall::signature() const {
    return text_or_nothing(sd_bus_message_get_signature(data_->message.get(), 1));
}
const std::string& IncomingCall::actor() const {
    return data_->actor;
}

Result<std::vector<Value>> IncomingCall::arguments() const {
    return read_all(data_->message.get());
}

void IncomingCall::reply(std::string_view signature, const std::vector<Value>& values) {
    const std::size_t size = weight(values);
    if (size > limits::bus_message) {
        refuse(error_names::limits_exceeded,
               fmt::format("the answer would have some {} MiB, which the message bus does not let pass",
                           size >> 20));
        return;
    }
    const Message answer = new_reply(data_->message.get());
    if (answer) {
        const Result<void> appended = append(answer.get(), signature, values);
        if (!appended) {
            refuse(appended.error());
            return;
        }
    }
    const std::unique_ptr<CallData> data = std::exchange(data_, nullptr);
    // It may have come over a former connection.
    if (answer && sd_bus_message_get_bus(data->message.get()) == data->connection->bus.get()
        && sd_bus_message_get_expect_reply(data->message.get()) > 0)
        data->connection->answer(data->message.get(), answer.get(), size);
}

void IncomingCall::refuse(const char* error_name, const std::string& text) {
    const std::unique_ptr<CallData> data = std::exchange(data_, nullptr);
    check(data != nullptr, "a call is answered once");
    if (sd_bus_message_get_bus(data->message.get()) != data->connection->bus.get()
        || sd_bus_message_get_expect_reply(data->message.get()) <= 0)
        return;
    const sd_bus_error error{.name = error_name, .message = text.c_str(), ._need_free = 0};
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_error(data->message.get(), &raw, &error) < 0)
        return; // no memory; the caller's own time limit ends its wait
    const Message answer(raw);
    data->connection->answer(data->message.get(), answer.get(), text.size());
}

void IncomingCall::refuse(const Error& error) {
    refuse(name_for(error.kind()), error.text());
}

// In the order in which they come: who makes them is asked before the first one of each caller.
void ConnectionState::called(sd_bus_message* raw) {
    Message message(sd_bus_message_ref(raw));
    if (host == nullptr)
        return;
    const std::string_view name = text_or_nothing(sd_bus_message_get_sender(raw));
    if (callers.size() >= limits::bus_callers)
        std::erase_if(callers, [](const auto& entry) { return !entry.second.actor.empty(); });
    Caller& caller = callers
                         .try_emplace(std::string(name), Caller{.state = this,
                                                                .name = std::string(name),
                                                                .actor = {},
                                                                .held = {},
                                                                .bytes = 0,
                                                                .all_bytes = 0})
                         .first->second;
    if (!caller.actor.empty()) {
        hand_over(caller, std::move(message));
        return;
    }
    if (caller.held.size() >= limits::bus_calls)
        return; // it does not even wait for answers: the bus allows fewer calls that do
    caller.held.push_back(std::move(message));
    if (caller.held.size() > 1)
        return;
    const int code = sd_bus_call_method_async(
        bus.get(), nullptr, driver, driver_path, driver, "GetConnectionUnixUser",
        [](sd_bus_message* reply, void* one, sd_bus_error* /*error*/) noexcept {
            auto* const asked = static_cast<Caller*>(one);
            asked->state->caller_answered(*asked, reply);
            return 1;
        },
        &caller, "s", caller.name.c_str());
    if (code < 0)
        broken = Error::from_errno(-code, "cannot ask the message bus who calls");
}

// A caller that did not wait for its answer may be gone already; what it asked for holds nevertheless.
void ConnectionState::caller_answered(Caller& caller, sd_bus_message* reply) {
    std::uint32_t uid = 0;
    const bool is_known = sd_bus_message_is_method_error(reply, nullptr) == 0
                          && sd_bus_message_read_basic(reply, SD_BUS_TYPE_UINT32, &uid) >= 0;
    caller.actor = is_known ? fmt::format("uid {} ({})", uid, caller.name)
                            : fmt::format("unknown uid ({})", caller.name);
    for (Message& message : std::exchange(caller.held, {})) {
        if (host == nullptr)
            return;
        hand_over(caller, std::move(message));
    }
}

void ConnectionState::hand_over(const Caller& caller, Message message) {
    IncomingCall call(std::make_unique<CallData>(shared_from_this(), std::move(message), caller.actor));
    if (backlog.bytes() > limits::bus_busy || caller.bytes > limits::bus_caller)
        call.refuse(error_names::limits_exceeded, "the message bus has not taken earlier answers yet");
    else if (deaf.contains(caller.name))
        call.refuse(error_names::limits_exceeded, "too many earlier answers were not read");
    else
        host->called(std::move(call));
}

void ConnectionState::answer(sd_bus_message* call, sd_bus_message* answer, std::size_t weight) {
    const auto caller = callers.find(text_or_nothing(sd_bus_message_get_sender(call)));
    if (caller != callers.end()) {
        caller->second.bytes += weight;
        caller->second.all_bytes += weight;
    }
    send(answer, weight);
}

} // namespace mandos::bus
