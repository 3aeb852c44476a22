// Server: the Mandos server as it is seen over the message bus. Keeps a model up to date and carries out what
// the person wants. Invariant: nothing here waits; whatever goes wrong becomes a line of the log, and a bus
// or server that is gone is looked for again. Signals count only from whoever owns the server's name.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"
#include "adapters/bus/watching_bus.h"
#include "base/error.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

class Server {
  public:
    using Deadline = std::chrono::steady_clock::time_point;
    // Tells the time for the log.
    using Clock = std::function<TimePoint()>;

    // MODEL outlives this. Nothing happens before the first process().
    Server(Model& model, Clock clock);

    // What poll(2) is to wait for: -1 while there is no bus.
    int descriptor() const;
    short events() const;
    // When process() is to be called even if the descriptor is silent.
    std::optional<Deadline> deadline() const;

    // Does what there is to do; returns whether the model may have changed.
    enum class Changed { No, Yes };
    Changed process(Deadline now);

    // Sends the request to the server. Only those of Action::Kind that have a client.
    void perform(const Action& action);
    // To be called before the end, so that the last request gets out; waits for a second at most.
    void finish();

  private:
    void connect(Deadline now);
    Result<void> watch_all();
    void lose_bus(const Error& error, Deadline now);
    void say(std::string_view text, Model::Detail detail = Model::Detail::Always);

    // Calls; an error becomes a line that begins with WHAT.
    void call(bus::Call call, std::string what,
              std::function<void(const std::vector<bus::Value>&)> answered = {});

    void take_owner(std::string owner);
    void read_all_clients();
    void take_all_clients(const std::vector<bus::Value>& answer);
    void read_lockdown();
    void read_peers(const std::string& path);
    void take_peers(const std::string& path, const bus::Strings& peers);

    void on_name_owner_changed(const bus::ReceivedSignal& signal);
    void on_server_signal(const bus::ReceivedSignal& signal);
    void on_client_signal(const bus::ReceivedSignal& signal);
    void on_properties_changed(const bus::ReceivedSignal& signal);
    void on_object_signal(const bus::ReceivedSignal& signal);
    void add_client(const std::string& path, const bus::Dictionary& interfaces);
    void tell_checker_completed(const std::string& name, const bus::ReceivedSignal& signal);
    void tell_approval_needed(const std::string& name, const bus::ReceivedSignal& signal);
    void take_peer(const std::string& name, const bus::ReceivedSignal& signal);

    Model& model_;
    Clock clock_;
    std::string owner_; // unique name of whoever is the server; empty: nobody
    std::optional<Deadline> next_try_ = Deadline{};
    std::string last_failure_; // to connect; the same one is told once
    bool changed_ = false;
    // Last: its handlers use what stands above.
    std::unique_ptr<bus::WatchingBus> bus_;
};

} // namespace mandos::monitor
