// Requests: calls of others and their signals, on a connection that somebody else keeps turning. For the
// files of this folder; WatchingBus and LoopConnection have one each. Invariant: handlers are called from
// within sd_bus_process() only, each call's once at most.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/handle.h"

namespace mandos::bus {

struct ReceivedSignal {
    std::string sender; // the unique name: ":1.5"; the bus vouches for it
    std::string path;
    std::string interface;
    std::string member;
    std::vector<Value> arguments;
};

using OnAnswer = std::function<void(Result<std::vector<Value>>)>;
using OnSignal = std::function<void(const ReceivedSignal&)>;

class Requests {
  public:
    Requests() = default;
    Requests(const Requests&) = delete;
    Requests& operator=(const Requests&) = delete;
    ~Requests() = default;

    // As WatchingBus has them.
    Result<void> watch(sd_bus* bus, const std::string& rule, OnSignal handler);
    Result<void> call(sd_bus* bus, const Call& call, OnAnswer handler);

    // Before the connection goes: no handler is called any more.
    void clear();

  private:
    using Slot = Handle<sd_bus_slot, sd_bus_slot_unref>;
    struct Watch {
        OnSignal handler;
        Slot slot = nullptr;
    };
    struct Pending {
        Requests* owner;
        OnAnswer handler;
        std::list<Pending>::iterator self = {};
        Slot slot = nullptr;
    };

    static int on_signal(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    static int on_answer(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;

    // Each gives its address to the library.
    std::list<Watch> watches_;
    std::list<Pending> pending_;
};

} // namespace mandos::bus
