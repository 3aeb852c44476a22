#include "adapters/bus/loop_connection.h"

#include <poll.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <systemd/sd-bus-protocol.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/connection_state.h"
#include "adapters/bus/message.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/weight.h"
#include "base/error.h"
#include "base/quote.h"
#include "loop/asio.h"

namespace mandos::bus {

using std::chrono::milliseconds;

void Host::called(IncomingCall /*call*/) {}

LoopConnection::LoopConnection(const io::any_io_executor& strand, Host& host, Settings settings)
    : state_(std::make_shared<ConnectionState>(strand, host, std::move(settings))) {
    io::post(strand, [state = state_] { state->connect(); });
}

LoopConnection::~LoopConnection() {
    state_->host = nullptr;
    state_->close();
    state_->pause.cancel();
}

std::size_t LoopConnection::queued() const {
    return state_->backlog.bytes();
}

void LoopConnection::emit(const Signal& signal) {
    if (!state_->bus)
        return;
    sd_bus_message* raw = nullptr;
    const int made = sd_bus_message_new_signal(state_->bus.get(), &raw, signal.path.c_str(),
                                               signal.interface.c_str(), signal.member.c_str());
    const Message message(raw);
    if (made < 0 || !append(message.get(), signal.signature, signal.arguments)) {
        state_->broken = Error(ErrorKind::Invalid, "the D-Bus signal " + quoted(signal.member)
                                                       + " cannot be made from its values");
        state_->turn_later();
        return;
    }
    state_->send(message.get(), weight(signal.arguments));
}

Result<void> LoopConnection::watch(const std::string& rule, OnSignal handler) {
    if (!state_->bus)
        return fail(ErrorKind::NotFound, "there is no message bus now");
    state_->turn_later();
    return state_->requests.watch(state_->bus.get(), rule, std::move(handler));
}

Result<void> LoopConnection::call(const Call& call, OnAnswer handler) {
    if (!state_->bus)
        return fail(ErrorKind::NotFound, "there is no message bus now");
    MANDOS_TRY(state_->requests.call(state_->bus.get(), call, std::move(handler)));
    state_->sent(weight(call.arguments));
    return {};
}

void LoopConnection::finish(milliseconds limit) {
    state_->host = nullptr;
    const auto end = ConnectionState::Moment::clock::now() + limit;
    while (state_->bus) {
        std::uint64_t waiting = 0;
        if (sd_bus_get_n_queued_write(state_->bus.get(), &waiting) < 0 || waiting == 0)
            break;
        const auto left =
            std::chrono::duration_cast<milliseconds>(end - ConnectionState::Moment::clock::now());
        pollfd ready{.fd = sd_bus_get_fd(state_->bus.get()), .events = POLLOUT, .revents = 0};
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0
            || sd_bus_process(state_->bus.get(), nullptr) < 0)
            break;
    }
    state_->close();
    state_->pause.cancel();
}

} // namespace mandos::bus
