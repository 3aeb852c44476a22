#include "programs/mandos/avahi_responder.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

constexpr const char* server_interface = "org.freedesktop.Avahi.Server";
constexpr const char* group_interface = "org.freedesktop.Avahi.EntryGroup";
constexpr const char* collision_error = "org.freedesktop.Avahi.CollisionError";

// AvahiServerState and AvahiEntryGroupState (avahi-common/defs.h).
constexpr std::int32_t server_running = 2;
constexpr std::int32_t group_established = 2;
constexpr std::int32_t group_collision = 3;
constexpr std::int32_t group_failure = 4;

// AvahiProtocol (avahi-common/address.h).
std::int32_t protocol(AnnouncedService::Family family) {
    switch (family) {
    case AnnouncedService::Family::Ipv4:
        return 0;
    case AnnouncedService::Family::Ipv6:
        break;
    }
    return 1;
}

std::optional<std::int32_t> first_number(const std::vector<Value>& values) {
    const auto* const number = values.empty() ? nullptr : values.front().get_if<std::int32_t>();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

} // namespace

AvahiResponder::AvahiResponder(bus::LoopConnection& connection, AnnouncedService service,
                               std::function<void()> changed, Happened happened)
    : connection_(connection),
      service_(std::move(service)),
      changed_(std::move(changed)),
      happened_(std::move(happened)),
      name_(connection, "org.freedesktop.Avahi", [this] { owner_changed(); }) {}

Announcement::Avahi AvahiResponder::presence() const {
    if (name_.owner().empty())
        return Announcement::Avahi::Absent;
    return takes_services_ ? Announcement::Avahi::Ready : Announcement::Avahi::Busy;
}

Result<void> AvahiResponder::begin() {
    MANDOS_TRY(connection_.watch(
        "type='signal',path='/',interface='org.freedesktop.Avahi.Server',member='StateChanged'",
        [this](const bus::ReceivedSignal& signal) { on_server_state(signal); }));
    MANDOS_TRY(
        connection_.watch("type='signal',interface='org.freedesktop.Avahi.EntryGroup',member='StateChanged'",
                          [this](const bus::ReceivedSignal& signal) { on_group_state(signal); }));
    return name_.begin();
}

void AvahiResponder::forget() {
    name_.forget();
    takes_services_ = false;
    group_.clear();
    ++attempt_;
}

// Whoever has the name now knows nothing of what the former one did.
void AvahiResponder::owner_changed() {
    takes_services_ = false;
    group_.clear();
    ++attempt_;
    changed_();
    if (name_.owner().empty())
        return;
    const Result<void> asked = call_server("GetState", [this, owner = name_.owner()](const Answer& answer) {
        if (owner != name_.owner())
            return;
        // Where it does not tell, the next call fails too, and that is logged.
        takes_services_ = !answer || first_number(*answer) == server_running;
        changed_();
    });
    if (!asked) {
        takes_services_ = true;
        changed_();
    }
}

// Anybody on the bus can send such a signal: who sent it is looked at.
void AvahiResponder::on_server_state(const bus::ReceivedSignal& signal) {
    if (name_.owner().empty() || signal.sender != name_.owner())
        return;
    takes_services_ = first_number(signal.arguments) == server_running;
    changed_();
}

void AvahiResponder::on_group_state(const bus::ReceivedSignal& signal) {
    if (group_.empty() || signal.path != group_ || signal.sender != name_.owner())
        return;
    switch (first_number(signal.arguments).value_or(0)) {
    case group_established:
        happened_(Announcement::Event::Published, std::nullopt);
        return;
    case group_collision:
        happened_(Announcement::Event::Collided, std::nullopt);
        return;
    case group_failure: {
        const auto* const text =
            signal.arguments.size() > 1 ? signal.arguments[1].get_if<std::string>() : nullptr;
        fail_with(Error(ErrorKind::System, text == nullptr ? "Avahi does not say why" : *text));
        return;
    }
    default: // not committed, or under way
        return;
    }
}

void AvahiResponder::add(const std::string& name) {
    const std::uint64_t attempt = ++attempt_;
    group_.clear();
    const Result<void> called = call_server("EntryGroupNew", [this, attempt, name](const Answer& answer) {
        const auto* const group =
            answer && !answer->empty() ? answer->front().get_if<bus::ObjectPath>() : nullptr;
        if (attempt != attempt_) {
            if (group != nullptr)
                free(group->text, {});
            return;
        }
        if (group == nullptr) {
            fail_with(answer ? Error(ErrorKind::Invalid, "Avahi made no entry group") : answer.error());
            return;
        }
        group_ = group->text;
        fill(name, attempt);
    });
    if (!called)
        fail_with(called.error());
}

void AvahiResponder::fill(const std::string& name, std::uint64_t attempt) {
    const std::uint32_t no_flags = 0;
    const Result<void> called = connection_.call(
        {.destination = name_.owner(),
         .path = group_,
         .interface = group_interface,
         .method = "AddService",
         .signature = "iiussssqaay",
         .arguments = {service_.interface_index, protocol(service_.family), no_flags, name, service_type,
                       "", // the default domain
                       "", // this host
                       service_.port, bus::Array{}}},
        [this, attempt](const Answer& answer) {
            if (attempt != attempt_)
                return;
            if (answer)
                commit(attempt);
            else if (answer.error().text().contains(collision_error)) // with a service of this machine
                happened_(Announcement::Event::Collided, std::nullopt);
            else
                fail_with(answer.error());
        });
    if (!called)
        fail_with(called.error());
}

// How it goes on is told by the group's state.
void AvahiResponder::commit(std::uint64_t attempt) {
    const Result<void> called = connection_.call(
        {.destination = name_.owner(), .path = group_, .interface = group_interface, .method = "Commit"},
        [this, attempt](const Answer& answer) {
            if (attempt == attempt_ && !answer)
                fail_with(answer.error());
        });
    if (!called)
        fail_with(called.error());
}

void AvahiResponder::remove(Done done) {
    ++attempt_;
    free(std::exchange(group_, {}), done);
}

void AvahiResponder::free(const std::string& group, const Done& done) {
    if (!group.empty() && !name_.owner().empty()
        && connection_.call(
            {.destination = name_.owner(), .path = group, .interface = group_interface, .method = "Free"},
            [done](const Answer&) {
                if (done)
                    done(); // where it failed, there is nothing any more that could be freed
            }))
        return;
    if (done)
        done();
}

void AvahiResponder::fail_with(const Error& why) {
    happened_(Announcement::Event::Failed, why);
}

Result<void> AvahiResponder::call_server(const char* method, bus::OnAnswer handler) {
    return connection_.call(
        {.destination = name_.owner(), .path = "/", .interface = server_interface, .method = method},
        std::move(handler));
}

} // namespace mandos::server
