// ResolvedResponder: announces by systemd-resolved's D-Bus API (org.freedesktop.resolve1(5)). It publishes on
// all interfaces where multicast DNS is on, in both families; there is no way to say less. A service stays
// when our connection ends, so each has an identifier by which one that a former server left is found.
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

class ResolvedResponder final : public Responder {
  public:
    // As AvahiResponder.
    ResolvedResponder(bus::LoopConnection& connection, const AnnouncedService& service,
                      std::function<void()> changed, Happened happened);

    Result<void> begin() override;
    void forget() override;
    void add(const std::string& name) override;
    void remove(Done done) override;

    bool is_known() const { return name_.is_known(); }
    core::Announcement::Resolved presence() const;

  private:
    enum class Leftover : std::uint8_t { Unknown, Removed };

    void owner_changed();
    void on_conflict(const bus::ReceivedSignal& signal);
    void register_service(const std::string& name, Leftover leftover, std::uint64_t attempt);
    void registered(const Result<std::vector<bus::Value>>& answer, const std::string& name, Leftover leftover,
                    std::uint64_t attempt);
    void unregister(const Done& done);

    bus::LoopConnection& connection_;
    const std::uint16_t port_;
    const std::string id_;
    const std::string object_; // of the service with that identifier
    const std::function<void()> changed_;
    const Happened happened_;
    BusName name_;
    std::uint64_t attempt_ = 0;   // answers to former ones come too late
    bool is_registering_ = false; // the call is under way
    bool is_registered_ = false;
    Done when_removed_; // waits for that call
};

} // namespace mandos::server
