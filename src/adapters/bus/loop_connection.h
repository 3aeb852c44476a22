// LoopConnection: a server's place on the system's message bus, on an Asio strand. It connects, asks for its
// names, hands the calls of others to a Host, calls others, and comes back with a growing pause when the bus
// goes away; its owner goes on meanwhile.
// Invariants: nothing here blocks, but finish(); what the bus does not take from us has a limit in bytes
// and in time, after which the connection is given up and made anew; the calls of one caller arrive in order.
// All calls come from the strand. Used by programs/mandos/bus_service and programs/mandos/announcer.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus/bus.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "loop/asio.h"

namespace mandos::bus {

// The names of errors that callers look at (D-Bus specification, and what its libraries agree on).
namespace error_names {
constexpr const char* failed = "org.freedesktop.DBus.Error.Failed";
constexpr const char* access_denied = "org.freedesktop.DBus.Error.AccessDenied";
constexpr const char* invalid_args = "org.freedesktop.DBus.Error.InvalidArgs";
constexpr const char* limits_exceeded = "org.freedesktop.DBus.Error.LimitsExceeded";
constexpr const char* not_supported = "org.freedesktop.DBus.Error.NotSupported";
constexpr const char* property_read_only = "org.freedesktop.DBus.Error.PropertyReadOnly";
constexpr const char* timed_out = "org.freedesktop.DBus.Error.Timeout";
constexpr const char* unknown_interface = "org.freedesktop.DBus.Error.UnknownInterface";
constexpr const char* unknown_method = "org.freedesktop.DBus.Error.UnknownMethod";
constexpr const char* unknown_object = "org.freedesktop.DBus.Error.UnknownObject";
constexpr const char* unknown_property = "org.freedesktop.DBus.Error.UnknownProperty";
} // namespace error_names

struct CallData;
struct ConnectionState;

// A call of somebody else. Answered once; one that is dropped unanswered is answered with Failed.
class IncomingCall {
  public:
    IncomingCall(IncomingCall&& other) noexcept;
    IncomingCall& operator=(IncomingCall&& other) noexcept;
    IncomingCall(const IncomingCall&) = delete;
    IncomingCall& operator=(const IncomingCall&) = delete;
    ~IncomingCall();

    std::string_view path() const;
    std::string_view interface() const; // empty where the caller left it out
    std::string_view member() const;
    std::string_view signature() const; // of the arguments
    // "uid 0 (:1.42)"
    const std::string& actor() const;

    Result<std::vector<Value>> arguments() const;

    // Text in VALUES is UTF-8 without NUL. What cannot be sent becomes an error for the caller.
    void reply(std::string_view signature = {}, const std::vector<Value>& values = {});
    void refuse(const char* error_name, const std::string& text);
    // By the name that fits the error's kind.
    void refuse(const Error& error);

    // For the files of this folder.
    explicit IncomingCall(std::unique_ptr<CallData> data);

  private:
    std::unique_ptr<CallData> data_; // nothing: answered
};

struct Signal {
    std::string path;
    std::string interface;
    std::string member;
    std::string signature;
    std::vector<Value> arguments;
};

class Host {
  public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    // The bus has taken us, and all names are ours: anew after each loss.
    virtual void ready() = 0;
    // Dropped unless something else is said.
    virtual void called(IncomingCall call);
    // There is no bus, or none any more; it is tried again. Told once until ready().
    virtual void lost(const Error& why) = 0;
    // A name was somebody else's at the start, or may not be ours: nothing is tried any more.
    virtual void off(const Error& why) = 0;
};

class LoopConnection {
  public:
    struct Settings {
        std::string address;            // empty: $DBUS_SYSTEM_BUS_ADDRESS, or where D-Bus has the system bus
        std::vector<std::string> names; // may be none
        std::chrono::milliseconds first_pause = std::chrono::seconds(1); // doubles with each failure
        std::chrono::milliseconds longest_pause = std::chrono::minutes(1);
    };

    // HOST outlives it, and is called from the loop only, never from within the constructor.
    LoopConnection(const io::any_io_executor& strand, Host& host, Settings settings);
    LoopConnection(const LoopConnection&) = delete;
    LoopConnection& operator=(const LoopConnection&) = delete;
    ~LoopConnection();

    // Nothing happens where there is no connection. Text as in IncomingCall::reply().
    void emit(const Signal& signal);

    // Both last as long as the connection: when it is lost, calls get an error, or nothing at all, and
    // ready() is the place to begin again. From within ready() or later; NotFound: there is no connection.
    // HANDLER is called for each signal that RULE matches, which names no sender (see WatchingBus::watch()).
    Result<void> watch(const std::string& rule, OnSignal handler);
    // HANDLER gets the answer, or an error as Bus::call() gives it, once, later.
    Result<void> call(const Call& call, OnAnswer handler);

    // Bytes, roughly, that the bus has not taken yet.
    std::size_t queued() const;

    // Waits until the bus has taken what was sent, but no longer than LIMIT, and closes the connection, which
    // gives up the names. The last call.
    void finish(std::chrono::milliseconds limit);

  private:
    // Shared with handlers that are already queued when the connection goes, and with calls to be answered.
    std::shared_ptr<ConnectionState> state_;
};

} // namespace mandos::bus
