// WatchingBus: a connection to the message bus for a program that must never wait for it. Calls are answered
// later, signals come when they come; the program waits for descriptor() in a poll(2) of its own and then
// says process(). Everything, the handlers included, happens on the thread that calls process(). Used by
// mandos-monitor.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adapters/bus/bus.h"
#include "adapters/bus/requests.h"
#include "base/error.h"

namespace mandos::bus {

class WatchingBus {
  public:
    using Answered = bus::OnAnswer;
    using Signalled = bus::OnSignal;
    using TimePoint = std::chrono::steady_clock::time_point;

    // As Bus::open_system(). A bus that refuses later is told by process().
    static Result<std::unique_ptr<WatchingBus>> open_system();

    WatchingBus(const WatchingBus&) = delete;
    WatchingBus& operator=(const WatchingBus&) = delete;
    // Handlers of calls that are not answered yet are never called.
    ~WatchingBus();

    // HANDLER is called for each signal that RULE matches (D-Bus specification, "Match Rules"), as long as
    // this lives. RULE names no sender: what it would be on the wire is the unique name, which ReceivedSignal
    // has.
    Result<void> watch(const std::string& rule, Signalled handler);

    // Sends the call; HANDLER gets the answer, or an error as Bus::call() gives it, once, later.
    Result<void> call(const Call& call, Answered handler);

    // What poll(2) is to wait for, and until when at most; nullopt: for ever.
    int descriptor() const;
    short events() const;
    std::optional<TimePoint> deadline() const;

    // Reads, answers and writes what there is, at most a few hundred messages: deadline() has passed while
    // there are more. PeerClosed, System: the bus is gone for good.
    Result<void> process();

    // Waits until all calls are written, at most so long: for a program that ends.
    void finish(std::chrono::milliseconds limit);

  private:
    explicit WatchingBus(Bus bus);

    Bus bus_;
    Requests requests_; // goes before the connection does
};

} // namespace mandos::bus
