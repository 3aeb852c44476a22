#include "programs/mandos/announcer.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "adapters/bus/loop_connection.h"
#include "adapters/log/log.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/announcement.h"
#include "loop/asio.h"
#include "programs/mandos/responder.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

using core::Announcement;
using wire::LogLevel;

namespace {

constexpr auto longest_goodbye = std::chrono::seconds(1);
constexpr auto longest_flush = std::chrono::milliseconds(100);

const char* family_name(AnnouncedService::Family family) {
    switch (family) {
    case AnnouncedService::Family::Ipv4:
        return "IPv4";
    case AnnouncedService::Family::Ipv6:
        break;
    }
    return "IPv6";
}

std::string place(const AnnouncedService& service) {
    return fmt::format("port {}, {}, {}", service.port, family_name(service.family),
                       service.interface.empty() ? "all interfaces"
                                                 : "interface " + quoted(service.interface));
}

const char* responder_name(Announcement::Responder which) {
    switch (which) {
    case Announcement::Responder::Avahi:
        return "Avahi";
    case Announcement::Responder::Resolved:
        break;
    }
    return "systemd-resolved";
}

} // namespace

Announcer::Announcer(const io::any_io_executor& strand, log::Log& log, const Settings& settings)
    : strand_(strand),
      log_(log),
      place_(place(settings.service)),
      announcement_(settings.name),
      timer_(strand),
      connection_(strand, *this, settings.connection),
      avahi_(
          connection_, settings.service, [this] { look(); },
          [this](Event event, std::optional<Error> why) { handle(event, std::move(why)); }),
      resolved_(
          connection_, settings.service, [this] { look(); },
          [this](Event event, std::optional<Error> why) { handle(event, std::move(why)); }) {}

// The bus ---------------------------------------------------------------------------------------------------

void Announcer::ready() {
    why_no_bus_.reset();
    Result<void> begun = avahi_.begin();
    if (begun)
        begun = resolved_.begin();
    if (!begun)
        log_.write(LogLevel::Error, "nothing announces this server: " + begun.error().text());
}

void Announcer::lost(const Error& why) {
    avahi_.forget();
    resolved_.forget();
    why_no_bus_ = why;
    if (withdrawn_)
        over();
    else
        perform(announcement_.present({}));
}

void Announcer::off(const Error& why) {
    lost(why); // only names can be refused for good, and none are asked for
}

void Announcer::look() {
    if (avahi_.is_known() && resolved_.is_known())
        perform(announcement_.present({.avahi = avahi_.presence(), .resolved = resolved_.presence()}));
}

// What the core says ----------------------------------------------------------------------------------------

void Announcer::handle(Event event, std::optional<Error> why) {
    why_failing_ = std::move(why);
    perform(announcement_.handle(event));
}

void Announcer::perform(const Announcement::Actions& actions) {
    for (const Announcement::Action& action : actions)
        std::visit([this](const auto& what) { perform(what); }, action);
}

void Announcer::perform(const Announcement::Add& add) {
    responder(add.responder).add(add.name);
}

void Announcer::perform(const Announcement::Remove& remove) {
    responder(remove.responder)
        .remove(withdrawn_ ? Responder::Done([this] {
            // Later: this comes from within the connection, which goes then.
            io::post(strand_, [this] { over(); });
        })
                           : Responder::Done());
}

void Announcer::perform(const Announcement::Rest& rest) {
    timer_.expires_after(rest.time);
    timer_.async_wait([this](const std::error_code& error) {
        if (!error)
            handle(Event::Rested, std::nullopt);
    });
}

void Announcer::perform(const Announcement::TellAnnounced& told) {
    log_.write(
        told.interest == Announcement::Interest::Usual ? LogLevel::Notice : LogLevel::Debug,
        fmt::format("announced as {} by {}: {}", quoted(told.name), responder_name(told.responder), place_));
}

void Announcer::perform(const Announcement::TellFailing& told) {
    log_.write(LogLevel::Warning,
               fmt::format("{} does not announce this server, and it is tried again: {}",
                           responder_name(told.responder),
                           why_failing_ ? why_failing_->text() : "every name is somebody else's"));
}

void Announcer::perform(const Announcement::TellMissing& /*told*/) {
    log_.write(LogLevel::Warning,
               fmt::format("nothing announces this server until {}; clients need --connect: {}",
                           why_no_bus_ ? "there is a message bus" : "Avahi or systemd-resolved runs",
                           why_no_bus_ ? why_no_bus_->text() : place_));
}

Responder& Announcer::responder(Which which) {
    switch (which) {
    case Which::Avahi:
        return avahi_;
    case Which::Resolved:
        break;
    }
    return resolved_;
}

// The end ---------------------------------------------------------------------------------------------------

void Announcer::stop(std::move_only_function<void()> withdrawn) {
    withdrawn_ = std::move(withdrawn);
    timer_.expires_after(longest_goodbye);
    timer_.async_wait([this](const std::error_code& error) {
        if (!error)
            over();
    });
    const Announcement::Actions actions = announcement_.handle(Event::Stopped);
    if (actions.empty())
        io::post(strand_, [this] { over(); });
    else
        perform(actions);
}

void Announcer::over() {
    if (!withdrawn_)
        return;
    timer_.cancel();
    connection_.finish(longest_flush);
    std::exchange(withdrawn_, {})();
}

} // namespace mandos::server
