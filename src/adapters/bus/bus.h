// Bus: one connection to the system's message bus, for programs that ask and wait. What a server or a
// watching program needs beside it (objects of its own, signals) is in other files of this folder, on the
// same connection.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <systemd/sd-bus.h>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/handle.h"

namespace mandos::bus {

struct Call {
    std::string destination; // the bus name that answers: "se.recompile.Mandos"
    std::string path;        // the object: "/"
    std::string interface;
    std::string method;
    std::string signature; // of the arguments: "ssv"
    std::vector<Value> arguments;
    std::chrono::milliseconds limit = std::chrono::seconds(25); // what D-Bus libraries give a call
};

class Bus {
  public:
    // Connects to $DBUS_SYSTEM_BUS_ADDRESS, or where D-Bus has the system bus. Errors: there is no bus
    // (NotFound), or it does not take us (Denied, System). Does not wait for the bus to greet us: the first
    // call does, within its own limit.
    static Result<Bus> open_system();

    // Calls and waits for the answer: its values. An error that the other side answered has the D-Bus name in
    // its text, "org.freedesktop.DBus.Error.AccessDenied: ...", and a kind where the name says one:
    //   NotFound    nobody has the destination's name, or no such object or property
    //   Denied      the bus or the other side does not allow it
    //   TimedOut    no answer within the limit
    //   PeerClosed  the bus, or who was to answer, went away
    //   Unsupported no such interface or method
    //   Invalid     the arguments are wrong
    Result<std::vector<Value>> call(const Call& call);

    // For the files of this folder.
    sd_bus* raw() const { return connection_.get(); }

  private:
    // Nothing is left to flush after a call, and flushing waits for as long as the bus likes.
    using Connection = Handle<sd_bus, sd_bus_close_unref>;
    using Deadline = std::chrono::steady_clock::time_point;
    explicit Bus(Connection connection) : connection_(std::move(connection)) {}

    Result<void> wait_until_ready(Deadline deadline);

    Connection connection_;
};

// An error in an answer, or what the errno value CODE means where there is no such answer. Of a Python
// traceback the last line is what went wrong; other lines are kept, control characters in them made visible.
Error answered_error(const sd_bus_error& error, int code);

} // namespace mandos::bus
