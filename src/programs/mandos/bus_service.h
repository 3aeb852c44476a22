// BusService: the server on D-Bus, as se.recompile.Mandos and by its former name: one object for each client,
// and "/". It tells what happens and takes what administrators want; it decides nothing.
// Without a bus, or where its name is taken, the server goes on without it.
// Used on the engine's strand only, which tells it what happens as it does any Watcher.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/log/log.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/clients.h"
#include "loop/asio.h"
#include "programs/mandos/acts.h"
#include "programs/mandos/bus_signals.h"
#include "programs/mandos/desk.h"
#include "programs/mandos/log_queries.h"
#include "programs/mandos/object_paths.h"
#include "programs/mandos/server_object.h"
#include "programs/mandos/watcher.h"

namespace mandos::server {

class BusService final : public Watcher, private bus::Host {
  public:
    struct Settings {
        ListeningOn listening_on;
        LogAccess audit;                          // log_in(STATEDIR)
        bus::LoopConnection::Settings connection; // the names are set here
    };

    // ACTS and LOG outlive it. Connects in the background.
    BusService(const io::any_io_executor& strand, Acts& acts, log::Log& log, Settings settings);
    ~BusService() override = default;

    // SETTLED is called once: when the names are ours, or it is known that there is no bus. Before the
    // strand runs.
    void when_settled(std::move_only_function<void()> settled) { settled_ = std::move(settled); }

    // Tells that all clients go, and leaves the bus: at the end, when the core has stopped. Takes no longer
    // than a second, whatever the bus does.
    void stop();

    // The path of a client's object.
    std::string path_of(core::ClientId client) const;

    void happened(const core::Action& action) override;
    void check_started(core::ClientId client, const std::string& command) override;
    void check_ended(core::ClientId client, int wait_status, const std::string& command) override;

  private:
    void ready() override;
    void called(bus::IncomingCall call) override;
    void lost(const Error& why) override;
    void off(const Error& why) override;

    void on(const core::Added& added);
    void on(const core::Removed& removed);
    void on(const core::Changed& changed);
    void on(const core::AwaitApproval& wait);
    void on(const core::Refuse& refused);
    void on(const core::SecretGiven& given);
    void on(const core::LockdownChanged& changed);

    void settle();
    void announce_some();
    void announce(const core::Client& client);
    // Nothing: there is nobody to tell of CLIENT.
    const std::string* path_to_tell(core::ClientId client) const;

    const io::any_io_executor strand_;
    log::Log& log_;
    Desk desk_;
    const ListeningOn listening_on_;

    ObjectPaths paths_;
    bool is_ready_ = false;
    std::move_only_function<void()> settled_; // nothing: it has been called
    bool was_lost_ = false;
    std::set<core::ClientId> announced_; // on the bus as it is now
    bool announcing_ = false;            // those there were when it became ready
    core::ClientId next_to_announce_{};

    LogQueries queries_;
    std::shared_ptr<BusService*> self_ = std::make_shared<BusService*>(this); // gone when this is
    bus::LoopConnection connection_;
    BusSignals signals_;
};

} // namespace mandos::server
