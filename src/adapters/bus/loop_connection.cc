#include "adapters/bus/loop_connection.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <systemd/sd-bus-protocol.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/connection_state.h"
#include "adapters/bus/message.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "adapters/bus/weight.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "loop/asio.h"

namespace mandos::bus {

namespace limits = core::limits;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr const char* driver = "org.freedesktop.DBus";
constexpr const char* driver_path = "/org/freedesktop/DBus";
// Messages that are handled before others on the strand have their turn.
constexpr int messages_at_once = 32;
constexpr auto between_pings = std::chrono::seconds(1);
// Of RequestName (D-Bus specification, "Message Bus Messages").
constexpr std::uint32_t do_not_queue = 4;
constexpr std::uint32_t primary_owner = 1;
constexpr std::uint32_t already_owner = 4;

} // namespace

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
    return state_->bytes;
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

ConnectionState::ConnectionState(const io::any_io_executor& its_strand, Host& its_host,
                                 LoopConnection::Settings its_settings)
    : strand(its_strand),
      host(&its_host),
      settings(std::move(its_settings)),
      timer(strand),
      pause(strand),
      next_pause(settings.first_pause) {}

// Connecting ------------------------------------------------------------------------------------------------

void ConnectionState::connect() {
    if (host == nullptr)
        return;
    const Result<void> begun = begin();
    if (begun) {
        arm();
        return;
    }
    deaf.clear();
    lose(begun.error());
}

Result<void> ConnectionState::begin() {
    sd_bus* raw = nullptr;
    int code = 0;
    if (settings.address.empty()) {
        code = sd_bus_open_system(&raw); // goes on in the background
        bus.reset(raw);
    } else {
        code = sd_bus_new(&raw);
        bus.reset(raw);
        if (code >= 0)
            code = sd_bus_set_address(raw, settings.address.c_str());
        if (code >= 0)
            code = sd_bus_set_bus_client(raw, 1);
        if (code >= 0)
            code = sd_bus_start(raw);
    }
    if (code < 0)
        return fail_errno(-code, "cannot connect to the system's message bus (D-Bus)");
    UniqueFd copy(fcntl(sd_bus_get_fd(raw), F_DUPFD_CLOEXEC, 0));
    if (copy.get() < 0)
        return fail_errno(errno, "cannot watch the connection to the message bus");
    descriptor.emplace(strand, copy.release());
    code = sd_bus_add_fallback(
        raw, nullptr, "/",
        [](sd_bus_message* message, void* state, sd_bus_error* /*error*/) noexcept {
            static_cast<ConnectionState*>(state)->called(message);
            return 1;
        },
        this);
    if (code < 0)
        return fail_errno(-code, "cannot take calls from the message bus");
    return settings.names.empty() ? ask_for_greeting() : ask_for_names();
}

// An answer of the bus, whatever it is, comes after its greeting.
Result<void> ConnectionState::ask_for_greeting() {
    const Call ask{.destination = driver, .path = driver_path, .interface = driver, .method = "GetId"};
    return requests.call(bus.get(), ask, [this](const Result<std::vector<Value>>& answer) {
        if (host == nullptr || broken)
            return;
        if (answer)
            become_ready();
        else
            broken = answer.error();
    });
}

Result<void> ConnectionState::ask_for_names() {
    names_owned = 0;
    for (const std::string& name : settings.names) {
        const int code = sd_bus_call_method_async(
            bus.get(), nullptr, driver, driver_path, driver, "RequestName",
            [](sd_bus_message* reply, void* state, sd_bus_error* /*error*/) noexcept {
                static_cast<ConnectionState*>(state)->name_answered(reply);
                return 1;
            },
            this, "su", name.c_str(), do_not_queue);
        if (code < 0)
            return fail_errno(-code, "cannot ask for the D-Bus name {}", name);
    }
    return {};
}

void ConnectionState::name_answered(sd_bus_message* reply) {
    if (host == nullptr || broken)
        return;
    const std::string& name = settings.names.at(std::min(names_owned, settings.names.size() - 1));
    if (sd_bus_message_is_method_error(reply, nullptr) > 0) {
        const Error error = answered_error(*sd_bus_message_get_error(reply), EIO);
        if (error.kind() == ErrorKind::Denied) {
            go_off(Error(error).context("the D-Bus name " + name + " may not be ours"));
            return;
        }
        broken = Error(error).context("cannot get the D-Bus name " + name);
        return;
    }
    std::uint32_t answer = 0;
    if (sd_bus_message_read_basic(reply, SD_BUS_TYPE_UINT32, &answer) < 0
        || (answer != primary_owner && answer != already_owner)) {
        const Error taken(ErrorKind::Denied, "the D-Bus name " + name
                                                 + " belongs to another program: does a Mandos server run "
                                                   "already?");
        if (has_been_ready) {
            poke(name);
            broken = taken;
        } else {
            go_off(taken);
        }
        return;
    }
    if (++names_owned == settings.names.size())
        become_ready();
}

void ConnectionState::become_ready() {
    has_been_ready = true;
    loss_told = false;
    next_pause = settings.first_pause;
    host->ready();
}

// NAME may still be that of our former connection: dbus-daemon, while it takes nothing from a connection,
// does not see that it has ended either, until there is something to send to it.
void ConnectionState::poke(const std::string& name) {
    sd_bus_message* raw = nullptr;
    const int made = sd_bus_message_new_method_call(bus.get(), &raw, name.c_str(), "/",
                                                    "org.freedesktop.DBus.Peer", "Ping");
    const Message ping(raw);
    if (made >= 0 && sd_bus_message_set_expect_reply(raw, 0) >= 0)
        (void)sd_bus_send(bus.get(), raw, nullptr); // it is tried again with the next connection
}

void ConnectionState::lose(const Error& why) {
    close();
    if (host == nullptr)
        return;
    pause.expires_after(next_pause);
    next_pause = std::min(next_pause * 2, settings.longest_pause);
    pause.async_wait([self = shared_from_this()](const std::error_code& error) {
        if (!error)
            self->connect();
    });
    if (!std::exchange(loss_told, true))
        host->lost(why);
}

void ConnectionState::go_off(const Error& why) {
    Host* const told = std::exchange(host, nullptr);
    broken = why; // closes it when this message is done
    turn_later();
    if (told != nullptr)
        told->off(why);
}

void ConnectionState::close() {
    ++generation;
    timer.cancel();
    if (descriptor) {
        std::error_code ignored; // nothing can be done about a failing close
        (void)descriptor->close(ignored);
        descriptor.reset();
    }
    reading = writing = false;
    callers.clear();
    bytes = 0;
    last_queued = sent_since = 0;
    last_unread = 0;
    sent_since_ping = pinged = false;
    ping_due.reset();
    stalls.reset();
    broken.reset();
    requests.clear();
    bus.reset();
}

// The loop --------------------------------------------------------------------------------------------------

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
    const Moment now = Moment::clock::now();
    int unread = 0; // which the socket holds, and the bus has not read
    (void)ioctl(sd_bus_get_fd(bus.get()), SIOCOUTQ, &unread); // unix(7); none where it fails
    const bool has_moved = waiting < last_queued + sent_since || unread < last_unread;
    last_queued = waiting;
    last_unread = unread;
    sent_since = 0;
    if (waiting == 0) {
        if (bytes > 0)
            for (auto& [name, caller] : callers)
                caller.bytes = 0;
        bytes = 0;
    }
    Moment next = Moment::max();
    if (sent_since_ping && !pinged) {
        if (!ping_due)
            ping_due = now + between_pings;
        if (*ping_due <= now)
            ping();
        else
            next = *ping_due;
    }
    if (waiting == 0 && unread == 0 && !pinged) {
        stalls.reset();
    } else {
        if (has_moved || !stalls)
            stalls = now + limits::bus_stall;
        if (*stalls <= now) {
            stall();
            return;
        }
        next = std::min(next, now + between_pings); // to look again
    }
    std::uint64_t due = 0; // CLOCK_MONOTONIC, which is the steady clock
    if (sd_bus_get_timeout(bus.get(), &due) > 0 && due != UINT64_MAX)
        next = std::min(next, Moment(microseconds(due)));
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
    ping_due.reset();
    const int code = sd_bus_call_method_async(
        bus.get(), nullptr, driver, driver_path, driver, "GetId",
        [](sd_bus_message* /*reply*/, void* state, sd_bus_error* /*error*/) noexcept {
            auto* const self = static_cast<ConnectionState*>(state);
            self->pinged = false;
            self->stalls.reset();
            return 1;
        },
        this, "");
    pinged = code >= 0; // else the next send finds what is wrong
    turn_later();
    sent_since_ping = false;
}

void ConnectionState::send(sd_bus_message* message, std::size_t weight) {
    if (!bus || broken)
        return;
    if (const int code = sd_bus_send(bus.get(), message, nullptr); code < 0)
        broken = Error::from_errno(-code, "cannot send to the message bus");
    sent(weight);
}

void ConnectionState::sent(std::size_t weight) {
    ++sent_since;
    sent_since_ping = true;
    bytes += weight;
    if (!broken && bytes > limits::bus_queue)
        broken = Error(ErrorKind::Exhausted, "the message bus does not take what we send");
    turn_later();
}

} // namespace mandos::bus
