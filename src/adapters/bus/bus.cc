#include "adapters/bus/bus.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/message.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::bus {

namespace {

struct NamedKind {
    std::string_view name;
    ErrorKind kind;
};
constexpr std::string_view standard_errors = "org.freedesktop.DBus.Error.";
constexpr std::array<NamedKind, 19> kinds_of_standard_errors{{
    {"ServiceUnknown", ErrorKind::NotFound},
    {"NameHasNoOwner", ErrorKind::NotFound},
    {"UnknownObject", ErrorKind::NotFound},
    {"UnknownProperty", ErrorKind::NotFound},
    {"FileNotFound", ErrorKind::NotFound},
    {"NoServer", ErrorKind::NotFound},
    {"AccessDenied", ErrorKind::Denied},
    {"AuthFailed", ErrorKind::Denied},
    {"PropertyReadOnly", ErrorKind::Denied},
    {"InteractiveAuthorizationRequired", ErrorKind::Denied},
    {"NoReply", ErrorKind::TimedOut},
    {"Timeout", ErrorKind::TimedOut},
    {"TimedOut", ErrorKind::TimedOut},
    {"Disconnected", ErrorKind::PeerClosed},
    {"LimitsExceeded", ErrorKind::Exhausted},
    {"UnknownMethod", ErrorKind::Unsupported},
    {"UnknownInterface", ErrorKind::Unsupported},
    {"NotSupported", ErrorKind::Unsupported},
    {"InvalidArgs", ErrorKind::Invalid},
}};

ErrorKind kind_of(std::string_view name) {
    if (name.starts_with(standard_errors))
        for (const NamedKind& known : kinds_of_standard_errors)
            if (name.substr(standard_errors.size()) == known.name)
                return known.kind;
    return ErrorKind::System;
}

std::string_view last_line(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \r\n");
    if (end == std::string_view::npos)
        return {};
    text = text.substr(0, end + 1);
    return text.substr(text.find_last_of('\n') + 1); // npos + 1 is the start
}

// What the other side says, fit for a terminal, its lines kept.
std::string shown(std::string_view message) {
    std::string text;
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size());
        text += (text.empty() ? "" : "\n") + printable(message.substr(0, end));
        message.remove_prefix(std::min(end + 1, message.size()));
    }
    return text;
}

std::chrono::microseconds left_until(std::chrono::steady_clock::time_point deadline) {
    const auto left = deadline - std::chrono::steady_clock::now();
    return std::max(std::chrono::duration_cast<std::chrono::microseconds>(left),
                    std::chrono::microseconds::zero());
}

std::uint64_t microseconds(std::chrono::microseconds time) {
    return static_cast<std::uint64_t>(time.count());
}

struct ErrorGuard {
    sd_bus_error error{};
    ErrorGuard() = default;
    ErrorGuard(const ErrorGuard&) = delete;
    ErrorGuard& operator=(const ErrorGuard&) = delete;
    ~ErrorGuard() { sd_bus_error_free(&error); }
};

} // namespace

Error answered_error(const sd_bus_error& error, int code) {
    // The library gives such a name to what went wrong on our side.
    if (sd_bus_error_is_set(&error) == 0 || std::string_view(error.name).starts_with("System.Error."))
        return Error::from_errno(code, "the D-Bus call failed");
    const ErrorKind kind = kind_of(error.name);
    const std::string_view message = error.message == nullptr ? "" : error.message;
    const bool is_traceback = message.starts_with("Traceback");
    const std::string text = shown(is_traceback ? last_line(message) : message);
    return {kind, text.empty() ? std::string(error.name) : fmt::format("{}: {}", error.name, text)};
}

Result<Bus> Bus::open_system() {
    sd_bus* raw = nullptr;
    const int code = sd_bus_open_system(&raw);
    if (code < 0)
        return fail_errno(-code, "cannot connect to the system's message bus (D-Bus)");
    return Bus(Connection(raw));
}

Result<void> Bus::wait_until_ready(Deadline deadline) {
    for (;;) {
        const int ready = sd_bus_is_ready(connection_.get());
        if (ready > 0)
            return {};
        const int done = ready < 0 ? ready : sd_bus_process(connection_.get(), nullptr);
        if (done < 0)
            return fail_errno(-done, "cannot connect to the system's message bus (D-Bus)");
        const auto left = left_until(deadline);
        if (left == std::chrono::microseconds::zero())
            return fail(ErrorKind::TimedOut, "the system's message bus (D-Bus) does not answer");
        if (done == 0)
            (void)sd_bus_wait(connection_.get(), microseconds(left)); // its failure is seen by the next round
    }
}

Result<std::vector<Value>> Bus::call(const Call& call) {
    const Deadline deadline = std::chrono::steady_clock::now() + call.limit;
    // The library's own wait for the bus to greet us has no limit that we could set.
    MANDOS_TRY(wait_until_ready(deadline));
    sd_bus_message* raw_request = nullptr;
    const int made =
        sd_bus_message_new_method_call(connection_.get(), &raw_request, call.destination.c_str(),
                                       call.path.c_str(), call.interface.c_str(), call.method.c_str());
    const Message request(raw_request);
    if (made < 0)
        return fail_errno(-made, "cannot make a D-Bus call of {}", quoted(call.method));
    MANDOS_TRY(append(request.get(), call.signature, call.arguments));
    ErrorGuard guard;
    sd_bus_message* raw_reply = nullptr;
    // Zero would be the library's own limit.
    const auto left = std::max(left_until(deadline), std::chrono::microseconds(1));
    const int answered =
        sd_bus_call(connection_.get(), request.get(), microseconds(left), &guard.error, &raw_reply);
    const Message reply(raw_reply);
    if (answered < 0)
        return std::unexpected(answered_error(guard.error, -answered));
    return read_all(reply.get());
}

} // namespace mandos::bus
