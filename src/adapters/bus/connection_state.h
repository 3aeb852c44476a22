// What LoopConnection and the calls that come in over it share. For the files of this folder only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <systemd/sd-bus.h>

#include "adapters/bus/backlog.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/message.h"
#include "adapters/bus/requests.h"
#include "base/error.h"
#include "base/handle.h"
#include "loop/asio.h"

namespace mandos::bus {

// The bus itself, to which sd-bus's clients speak.
constexpr const char* driver = "org.freedesktop.DBus";
constexpr const char* driver_path = "/org/freedesktop/DBus";

struct CallData {
    std::shared_ptr<ConnectionState> connection; // whose owner may be gone when the call is answered
    Message message;
    std::string actor;
};

// Shared: handlers that Asio has queued already keep it when its LoopConnection goes, and so do calls that
// are not answered yet, which the server keeps where it likes.
struct ConnectionState : std::enable_shared_from_this<ConnectionState> {
    using Moment = Backlog::Moment;

    // Somebody who calls us. Who that is, is asked once; its calls wait for the answer meanwhile.
    struct Caller {
        ConnectionState* state;
        std::string name;
        std::string actor; // empty: not known yet
        std::vector<Message> held;
        std::size_t bytes; // sent to it since the queue was seen empty
        std::size_t all_bytes;
    };

    ConnectionState(const io::any_io_executor& its_strand, Host& its_host,
                    LoopConnection::Settings its_settings);

    // Connecting. lose() and go_off() tell the host.
    void connect();
    Result<void> begin();
    Result<void> ask_for_names();
    Result<void> ask_for_greeting();
    void name_answered(sd_bus_message* reply);
    void become_ready();
    void poke(const std::string& name);
    void lose(const Error& why);
    void go_off(const Error& why);
    void close();

    // The loop.
    void turn();
    void arm();
    void arm_timer(std::size_t waiting);
    void stall();
    void ping();
    void wait(io::posix::stream_descriptor::wait_type what, bool& is_waiting);
    void turn_later();

    // Sends, or gives the connection up.
    void send(sd_bus_message* message, std::size_t weight);
    // Something of that weight has been sent.
    void sent(std::size_t weight);

    void called(sd_bus_message* message);
    void answer(sd_bus_message* call, sd_bus_message* answer, std::size_t weight);
    void hand_over(const Caller& caller, Message message);
    void caller_answered(Caller& caller, sd_bus_message* reply);

    const io::any_io_executor strand;
    Host* host; // nothing: the connection's owner is gone
    const LoopConnection::Settings settings;

    Handle<sd_bus, sd_bus_close_unref> bus;
    Requests requests;                                      // on it
    std::optional<io::posix::stream_descriptor> descriptor; // a duplicate of the bus's own
    io::steady_timer timer;
    io::steady_timer pause;
    std::uint64_t generation = 0; // of the connection: handlers of former ones do nothing
    bool reading = false;
    bool writing = false;
    bool turn_is_posted = false;
    std::optional<Error> broken; // why the connection has to be given up, as found amid a call

    std::size_t names_asked = 0;
    std::size_t names_owned = 0;
    bool has_been_ready = false;
    bool loss_told = false;
    std::chrono::milliseconds next_pause;

    Backlog backlog;

    std::map<std::string, Caller, std::less<>> callers;
    // Those that have stopped the bus from taking anything; they are not answered any more.
    std::set<std::string, std::less<>> deaf;
};

} // namespace mandos::bus
