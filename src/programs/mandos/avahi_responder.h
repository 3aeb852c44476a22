// AvahiResponder: announces by Avahi's D-Bus API (introspection/*.introspect in its sources): an entry group
// with one service, which Avahi withdraws when it is freed or when our connection to the bus ends.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/requests.h"
#include "base/error.h"
#include "core/announcement.h"
#include "programs/mandos/bus_name.h"
#include "programs/mandos/responder.h"

namespace mandos::server {

class AvahiResponder final : public Responder {
  public:
    // CONNECTION outlives it; CHANGED is called when is_known() or presence() may have changed.
    AvahiResponder(bus::LoopConnection& connection, AnnouncedService service, std::function<void()> changed,
                   Happened happened);

    Result<void> begin() override;
    void forget() override;
    void add(const std::string& name) override;
    void remove(Done done) override;

    bool is_known() const { return name_.is_known(); }
    core::Announcement::Avahi presence() const;

  private:
    void owner_changed();
    void on_server_state(const bus::ReceivedSignal& signal);
    void on_group_state(const bus::ReceivedSignal& signal);
    void fill(const std::string& name, std::uint64_t attempt);
    void commit(std::uint64_t attempt);
    void free(const std::string& group, const Done& done);
    void fail_with(const Error& why);
    Result<void> call_server(const char* method, bus::OnAnswer handler);

    bus::LoopConnection& connection_;
    const AnnouncedService service_;
    const std::function<void()> changed_;
    const Happened happened_;
    BusName name_;
    bool takes_services_ = false;
    std::uint64_t attempt_ = 0; // answers to former ones come too late
    std::string group_;         // the object of the entry group, empty: there is none
};

} // namespace mandos::server
