// Announcer: has the server announced on the local network (DNS-SD, RFC 6763), by Avahi or systemd-resolved
// over the system's message bus, on a connection of its own: whether the server itself is on D-Bus changes
// nothing. core/announcement.h decides. Whatever is missing or fails, the server serves on, and it is logged
// once. All calls come from the strand.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapters/bus/loop_connection.h"
#include "adapters/log/log.h"
#include "base/error.h"
#include "core/announcement.h"
#include "loop/asio.h"
#include "programs/mandos/avahi_responder.h"
#include "programs/mandos/resolved_responder.h"
#include "programs/mandos/responder.h"

namespace mandos::server {

class Announcer final : private bus::Host {
  public:
    struct Settings {
        std::string name; // that check_service_name() takes
        AnnouncedService service;
        bus::LoopConnection::Settings connection; // without names
    };

    // LOG outlives it. Begins in the background.
    Announcer(const io::any_io_executor& strand, log::Log& log, const Settings& settings);
    ~Announcer() override = default;

    // Withdraws the service. WITHDRAWN is called once, later, from the strand: when clients have been told,
    // or after a second, whatever the bus does. The last call.
    void stop(std::move_only_function<void()> withdrawn);

  private:
    using Event = core::Announcement::Event;
    using Which = core::Announcement::Responder;

    void ready() override;
    void lost(const Error& why) override;
    void off(const Error& why) override;

    void look(); // who is there
    void handle(Event event, std::optional<Error> why);
    void perform(const core::Announcement::Actions& actions);
    void perform(const core::Announcement::Add& add);
    void perform(const core::Announcement::Remove& remove);
    void perform(const core::Announcement::Rest& rest);
    void perform(const core::Announcement::TellAnnounced& told);
    void perform(const core::Announcement::TellFailing& told);
    void perform(const core::Announcement::TellMissing& told);
    Responder& responder(Which which);
    void over();

    const io::any_io_executor strand_;
    log::Log& log_;
    const std::string place_; // for the log
    core::Announcement announcement_;
    std::optional<Error> why_failing_;
    std::optional<Error> why_no_bus_;
    io::steady_timer timer_;                    // of a rest, and at the end
    std::move_only_function<void()> withdrawn_; // is to be called
    bus::LoopConnection connection_;
    AvahiResponder avahi_;
    ResolvedResponder resolved_;
};

} // namespace mandos::server
