#include "programs/mandos/bus_service.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <sys/wait.h>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "adapters/log/log.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/clients.h"
#include "core/life.h"
#include "core/peer_address.h"
#include "loop/asio.h"
#include "programs/mandos/acts.h"
#include "programs/mandos/bus_values.h"
#include "programs/mandos/client_object.h"
#include "programs/mandos/log_queries.h"
#include "programs/mandos/server_object.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

using bus::Value;
using wire::LogLevel;

namespace {

// Clients that are announced before others on the strand have their turn.
constexpr int announced_at_once = 50;
constexpr auto longest_farewell = std::chrono::seconds(1);

bus::LoopConnection::Settings with_names(bus::LoopConnection::Settings settings) {
    settings.names = {std::string(server_interface), std::string(former_server_interface)};
    return settings;
}

// As Mandos 1.8 words it, where it has the case.
std::string_view rejection(core::Refusal reason) {
    switch (reason) {
    case core::Refusal::Disabled:
        return "Disabled";
    case core::Refusal::Denied:
        return "Denied";
    case core::Refusal::ApprovalTimedOut:
        return "Approval timed out";
    case core::Refusal::Lockdown:
        return "Lockdown";
    case core::Refusal::Removed:
        return "Removed";
    case core::Refusal::OtherKey:
        return "Other key";
    case core::Refusal::NoSecret:
        return "Empty secret";
    case core::Refusal::Stopping:
        return "Server stops";
    case core::Refusal::NotStored:
        return "Not recorded";
    case core::Refusal::UnknownKey:
    case core::Refusal::SharedKey:
        break;
    }
    return "Unknown key";
}

} // namespace

BusService::BusService(const io::any_io_executor& strand, Acts& acts, log::Log& log, Settings settings)
    : strand_(strand),
      log_(log),
      desk_(acts),
      listening_on_(std::move(settings.listening_on)),
      queries_(strand, std::move(settings.audit)),
      connection_(strand, *this, with_names(std::move(settings.connection))) {}

void BusService::stop() {
    if (is_ready_)
        for (const core::ClientId id : announced_) {
            const core::Client* const client = desk_.acts().state().clients().find(id);
            const std::string* const path = paths_.find(id);
            if (client != nullptr && path != nullptr)
                tell_removed(*path, client->settings.name);
        }
    is_ready_ = false;
    connection_.finish(longest_farewell);
}

// The connection
// ------------------------------------------------------------------------------------------------

void BusService::ready() {
    is_ready_ = true;
    log_.write(std::exchange(was_lost_, false) ? LogLevel::Notice : LogLevel::Debug,
               "D-Bus: on the message bus now");
    next_to_announce_ = {};
    if (!std::exchange(announcing_, true))
        announce_some();
    settle();
}

void BusService::lost(const Error& why) {
    is_ready_ = false;
    announcing_ = false;
    announced_.clear();
    was_lost_ = true;
    log_.write(LogLevel::Warning, "no D-Bus, and it is tried again: " + why.text());
    settle();
}

void BusService::off(const Error& why) {
    is_ready_ = false;
    announcing_ = false;
    log_.write(LogLevel::Error, "D-Bus is off, and the server goes on without it: " + why.text());
    settle();
}

void BusService::settle() {
    if (settled_)
        std::exchange(settled_, {})();
}

void BusService::announce_some() {
    if (!announcing_)
        return;
    const auto& clients = desk_.acts().state().clients();
    auto client =
        std::ranges::find_if(clients, [this](const auto& entry) { return entry.first >= next_to_announce_; });
    for (int count = 0; client != clients.end() && count < announced_at_once; ++client, ++count) {
        next_to_announce_ = static_cast<core::ClientId>(static_cast<std::uint32_t>(client->first) + 1);
        announce(client->second);
        if (client->second.life.enabled)
            on(core::Changed{.client = client->first, .property = core::Property::Expires});
    }
    if (client == clients.end()) {
        announcing_ = false;
        return;
    }
    io::post(strand_, [alive = std::weak_ptr<BusService*>(self_)] {
        if (const auto self = alive.lock())
            (*self)->announce_some();
    });
}

void BusService::called(bus::IncomingCall call) {
    const std::string path(call.path());
    const bool lists_children = call.member() == "Introspect";
    const std::vector<std::string> children =
        lists_children ? paths_.children(path) : std::vector<std::string>();
    if (path == server_path) {
        ServerObject server{.desk = desk_, .paths = paths_, .log = queries_, .listening_on = listening_on_};
        serve(server_interfaces(), server, children, std::move(call));
        return;
    }
    const auto id = paths_.find(std::string_view(path));
    const core::Client* const client = id ? desk_.acts().state().clients().find(*id) : nullptr;
    if (client != nullptr) {
        ClientObject object{.client = *client, .path = path, .desk = desk_};
        serve(client_interfaces(), object, children, std::move(call));
    } else if (!children.empty()
               && (call.interface().empty() || call.interface() == bus::introspectable_interface)) {
        call.reply("s", {bus::introspection(children)});
    } else {
        call.refuse(bus::error_names::unknown_object, "there is nothing at " + quoted(path));
    }
}

// What happens
// --------------------------------------------------------------------------------------------------

std::string BusService::path_of(core::ClientId client) const {
    const std::string* path = paths_.find(client);
    return path == nullptr ? std::string() : *path;
}

void BusService::happened(const core::Action& action) {
    std::visit(
        [this](const auto& what) {
            if constexpr (requires { on(what); })
                on(what);
        },
        action);
}

void BusService::on(const core::Added& added) {
    if (const core::Client* const client = desk_.acts().state().clients().find(added.client))
        announce(*client);
}

void BusService::announce(const core::Client& client) {
    const std::string& path = paths_.add(client.id, client.settings.name);
    if (!is_ready_ || !announced_.insert(client.id).second)
        return;
    const ClientObject object{.client = client, .path = path, .desk = desk_};
    emit(server_path, object_manager_interface, "InterfacesAdded", "oa{sa{sv}}",
         {bus::ObjectPath{path}, listed(object)});
    emit_server("ClientAdded", "o", {bus::ObjectPath{path}});
}

void BusService::on(const core::Removed& removed) {
    const std::string* const path = paths_.find(removed.client);
    if (path == nullptr)
        return;
    if (is_ready_ && announced_.erase(removed.client) > 0)
        tell_removed(*path, removed.name);
    paths_.remove(removed.client);
}

void BusService::tell_removed(const std::string& path, const std::string& name) {
    emit(server_path, object_manager_interface, "InterfacesRemoved", "oas",
         {bus::ObjectPath{path}, listed_interfaces()});
    emit_server("ClientRemoved", "os", {bus::ObjectPath{path}, bus::sendable(name)});
}

void BusService::on(const core::Changed& changed) {
    const core::Client* const client = desk_.acts().state().clients().find(changed.client);
    const std::string* const path = paths_.find(changed.client);
    if (is_ready_ && client != nullptr && path != nullptr)
        tell_changed(*path, changed.property, {.client = *client, .path = *path, .desk = desk_});
}

void BusService::tell_changed(const std::string& path, core::Property property, const ClientObject& object) {
    const std::string name(bus_name(property));
    const auto get = getter(property);
    if (get == nullptr) {
        emit(path, bus::properties_interface, "PropertiesChanged", "sa{sv}as",
             {client_interface, bus::Dictionary(), bus::Strings{name}});
        return;
    }
    const Value value = get(object);
    emit_client(object.client.id, "PropertyChanged", "sv", {name, value});
    emit(path, bus::properties_interface, "PropertiesChanged", "sa{sv}as",
         {client_interface, bus::Dictionary{{name, value}}, bus::Strings()});
}

void BusService::on(const core::AwaitApproval& wait) {
    const std::uint64_t delay = milliseconds_of(wait.delay);
    emit_client(wait.id, "NeedApproval", "tb", {delay, wait.approved_by_default});
    const std::string* const path = paths_.find(wait.id);
    if (path != nullptr)
        emit(*path, client_interface, "ApprovalNeeded", "tbs",
             {delay, wait.approved_by_default, bus::sendable(wait.peer.text())});
}

void BusService::on(const core::Refuse& refused) {
    if (refused.id)
        emit_client(*refused.id, "Rejected", "s", {rejection(refused.reason)});
    else
        emit_server("ClientNotFound", "ss", {refused.key_id.text(), bus::sendable(refused.peer.host())});
}

void BusService::on(const core::SecretGiven& given) {
    emit_client(given.client, "GotSecret", "", {});
}

void BusService::on(const core::LockdownChanged& changed) {
    emit(server_path, bus::properties_interface, "PropertiesChanged", "sa{sv}as",
         {server_interface, bus::Dictionary{{"Lockdown", changed.on}}, bus::Strings()});
}

void BusService::check_started(core::ClientId client, const std::string& command) {
    emit_client(client, "CheckerStarted", "s", {bus::sendable(command)});
}

void BusService::check_ended(core::ClientId client, int wait_status, const std::string& command) {
    const int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : core::check_crashed;
    emit_client(client, "CheckerCompleted", "nxs",
                {static_cast<std::int16_t>(status), std::int64_t{wait_status}, bus::sendable(command)});
}

// Signals
// ---------------------------------------------------------------------------------------------------------

void BusService::emit_server(std::string_view member, const char* signature,
                             const std::vector<Value>& values) {
    emit(server_path, server_interface, member, signature, values);
    emit(server_path, former_server_interface, member, signature, values);
}

void BusService::emit_client(core::ClientId client, std::string_view member, const char* signature,
                             const std::vector<Value>& values) {
    const std::string* const path = paths_.find(client);
    if (path == nullptr)
        return;
    emit(*path, client_interface, member, signature, values);
    emit(*path, former_client_interface, member, signature, values);
}

void BusService::emit(std::string_view path, std::string_view interface, std::string_view member,
                      std::string_view signature, std::vector<Value> values) {
    if (is_ready_)
        connection_.emit({.path = std::string(path),
                          .interface = std::string(interface),
                          .member = std::string(member),
                          .signature = std::string(signature),
                          .arguments = std::move(values)});
}

} // namespace mandos::server
