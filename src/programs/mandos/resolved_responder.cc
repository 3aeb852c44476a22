#include "programs/mandos/resolved_responder.h"

#include <cctype>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "core/announcement.h"
#include "programs/mandos/responder.h"

namespace mandos::server {

using bus::Value;
using core::Announcement;
using Answer = Result<std::vector<Value>>;

namespace {

constexpr const char* manager_path = "/org/freedesktop/resolve1";
constexpr const char* manager_interface = "org.freedesktop.resolve1.Manager";
constexpr const char* exists_error = "org.freedesktop.resolve1.DnssdServiceExists";

// Letters and digits only, which stay as they are in the path of the object. Different for each of several
// servers on one machine.
std::string identifier(const AnnouncedService& service) {
    std::string id = fmt::format("mandos{}at", service.port);
    for (const char byte : service.address)
        id += std::isalnum(static_cast<unsigned char>(byte)) != 0 ? byte : 'x';
    return id;
}

// A name in which nothing is a specifier (systemd.dnssd(5)).
std::string as_template(std::string_view name) {
    std::string text;
    for (const char byte : name) {
        text += byte;
        if (byte == '%')
            text += byte;
    }
    return text;
}

Error explained(const Error& error) {
    Error told = error;
    if (error.kind() == ErrorKind::Denied)
        return std::move(told).context(
            "polkit must allow org.freedesktop.resolve1.register-service to the server's user");
    return told;
}

} // namespace

ResolvedResponder::ResolvedResponder(bus::LoopConnection& connection, const AnnouncedService& service,
                                     std::function<void()> changed, Happened happened)
    : connection_(connection),
      port_(service.port),
      id_(identifier(service)),
      object_(fmt::format("{}/dnssd/{}", manager_path, id_)),
      changed_(std::move(changed)),
      happened_(std::move(happened)),
      name_(connection, "org.freedesktop.resolve1", [this] { owner_changed(); }) {}

Announcement::Resolved ResolvedResponder::presence() const {
    return name_.owner().empty() ? Announcement::Resolved::Absent : Announcement::Resolved::Ready;
}

Result<void> ResolvedResponder::begin() {
    MANDOS_TRY(connection_.watch(
        "type='signal',interface='org.freedesktop.resolve1.DnssdService',member='Conflicted'",
        [this](const bus::ReceivedSignal& signal) { on_conflict(signal); }));
    return name_.begin();
}

void ResolvedResponder::forget() {
    name_.forget();
    is_registered_ = is_registering_ = false;
    when_removed_ = {};
    ++attempt_;
}

// Whoever has the name now has none of our services; services of ours that it keeps are found by add().
void ResolvedResponder::owner_changed() {
    is_registered_ = is_registering_ = false;
    ++attempt_;
    if (when_removed_)
        std::exchange(when_removed_, {})();
    changed_();
}

// Anybody on the bus can send such a signal: who sent it is looked at.
void ResolvedResponder::on_conflict(const bus::ReceivedSignal& signal) {
    if (is_registered_ && signal.path == object_ && signal.sender == name_.owner())
        happened_(Announcement::Event::Collided, std::nullopt);
}

void ResolvedResponder::add(const std::string& name) {
    register_service(name, Leftover::Unknown, ++attempt_);
}

void ResolvedResponder::register_service(const std::string& name, Leftover leftover, std::uint64_t attempt) {
    const std::uint16_t none = 0; // priority, weight
    const Result<void> called = connection_.call(
        {.destination = name_.owner(),
         .path = manager_path,
         .interface = manager_interface,
         .method = "RegisterService",
         .signature = "sssqqqaa{say}",
         .arguments = {id_, as_template(name), service_type, port_, none, none, bus::Array{}}},
        [this, name, leftover, attempt](const Answer& answer) {
            registered(answer, name, leftover, attempt);
        });
    if (called)
        is_registering_ = true;
    else
        happened_(Announcement::Event::Failed, called.error());
}

void ResolvedResponder::registered(const Answer& answer, const std::string& name, Leftover leftover,
                                   std::uint64_t attempt) {
    if (attempt != attempt_) { // somebody else's, or removed meanwhile
        if (when_removed_) {
            is_registering_ = false;
            unregister(std::exchange(when_removed_, {}));
        }
        return;
    }
    is_registering_ = false;
    is_registered_ = answer.has_value();
    if (answer)
        happened_(Announcement::Event::Published, std::nullopt);
    else if (leftover == Leftover::Unknown && answer.error().text().contains(exists_error))
        unregister([this, name, attempt] {
            if (attempt == attempt_)
                register_service(name, Leftover::Removed, attempt);
        });
    else
        happened_(Announcement::Event::Failed, explained(answer.error()));
}

void ResolvedResponder::remove(Done done) {
    ++attempt_;
    if (is_registering_) {
        when_removed_ = done ? std::move(done) : Done([] {});
        return;
    }
    if (std::exchange(is_registered_, false))
        unregister(done);
    else if (done)
        done();
}

void ResolvedResponder::unregister(const Done& done) {
    if (!name_.owner().empty()
        && connection_.call({.destination = name_.owner(),
                             .path = manager_path,
                             .interface = manager_interface,
                             .method = "UnregisterService",
                             .signature = "o",
                             .arguments = {bus::ObjectPath{object_}}},
                            [done](const Answer&) {
                                if (done)
                                    done(); // where it failed, registering tells
                            }))
        return;
    if (done)
        done();
}

} // namespace mandos::server
