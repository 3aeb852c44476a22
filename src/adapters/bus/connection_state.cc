// Implements connection_state.h: how a connection is made, gets its names, and ends. What happens in between
// is in connection_turn.cc and incoming_call.cc.
#include "adapters/bus/connection_state.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <systemd/sd-bus-protocol.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/message.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

namespace mandos::bus {

namespace {

// Of RequestName (D-Bus specification, "Message Bus Messages").
constexpr std::uint32_t do_not_queue = 4;
constexpr std::uint32_t primary_owner = 1;
constexpr std::uint32_t already_owner = 4;

} // namespace

ConnectionState::ConnectionState(const io::any_io_executor& its_strand, Host& its_host,
                                 LoopConnection::Settings its_settings)
    : strand(its_strand),
      host(&its_host),
      settings(std::move(its_settings)),
      timer(strand),
      pause(strand),
      next_pause(settings.first_pause) {}

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
    backlog = {};
    broken.reset();
    requests.clear();
    bus.reset();
}

} // namespace mandos::bus
