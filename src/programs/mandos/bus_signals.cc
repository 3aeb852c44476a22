#include "programs/mandos/bus_signals.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/wait.h>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "core/actions.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/peer_address.h"
#include "programs/mandos/bus_values.h"
#include "programs/mandos/client_object.h"
#include "programs/mandos/client_properties.h"
#include "programs/mandos/server_object.h"

namespace mandos::server {

using bus::Value;

namespace {

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

void BusSignals::client_added(const ClientObject& object) {
    emit(server_path, object_manager_interface, "InterfacesAdded", "oa{sa{sv}}",
         {bus::ObjectPath{object.path}, listed(object)});
    emit_server("ClientAdded", "o", {bus::ObjectPath{object.path}});
}

void BusSignals::client_removed(const std::string& path, const std::string& name) {
    emit(server_path, object_manager_interface, "InterfacesRemoved", "oas",
         {bus::ObjectPath{path}, listed_interfaces()});
    emit_server("ClientRemoved", "os", {bus::ObjectPath{path}, bus::sendable(name)});
}

void BusSignals::client_not_found(const core::Refuse& refused) {
    emit_server("ClientNotFound", "ss", {refused.key_id.text(), bus::sendable(refused.peer.host())});
}

void BusSignals::lockdown_changed(bool on) {
    emit(server_path, bus::properties_interface, "PropertiesChanged", "sa{sv}as",
         {server_interface, bus::Dictionary{{"Lockdown", on}}, bus::Strings()});
}

void BusSignals::property_changed(const ClientObject& object, core::Property property) {
    const std::string name(bus_name(property));
    const auto get = getter(property);
    if (get == nullptr) {
        emit(object.path, bus::properties_interface, "PropertiesChanged", "sa{sv}as",
             {client_interface, bus::Dictionary(), bus::Strings{name}});
        return;
    }
    const Value value = get(object);
    emit_client(object.path, "PropertyChanged", "sv", {name, value});
    emit(object.path, bus::properties_interface, "PropertiesChanged", "sa{sv}as",
         {client_interface, bus::Dictionary{{name, value}}, bus::Strings()});
}

void BusSignals::approval_needed(const std::string& path, const core::AwaitApproval& wait) {
    const std::uint64_t delay = milliseconds_of(wait.delay);
    emit_client(path, "NeedApproval", "tb", {delay, wait.approved_by_default});
    emit(path, client_interface, "ApprovalNeeded", "tbs",
         {delay, wait.approved_by_default, bus::sendable(wait.peer.text())});
}

void BusSignals::rejected(const std::string& path, core::Refusal reason) {
    emit_client(path, "Rejected", "s", {rejection(reason)});
}

void BusSignals::got_secret(const std::string& path) {
    emit_client(path, "GotSecret", "", {});
}

void BusSignals::checker_started(const std::string& path, const std::string& command) {
    emit_client(path, "CheckerStarted", "s", {bus::sendable(command)});
}

void BusSignals::checker_completed(const std::string& path, int wait_status, const std::string& command) {
    const int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : core::check_crashed;
    emit_client(path, "CheckerCompleted", "nxs",
                {static_cast<std::int16_t>(status), std::int64_t{wait_status}, bus::sendable(command)});
}

void BusSignals::emit_server(std::string_view member, const char* signature,
                             const std::vector<Value>& values) {
    emit(server_path, server_interface, member, signature, values);
    emit(server_path, former_server_interface, member, signature, values);
}

void BusSignals::emit_client(const std::string& path, std::string_view member, const char* signature,
                             const std::vector<Value>& values) {
    emit(path, client_interface, member, signature, values);
    emit(path, former_client_interface, member, signature, values);
}

void BusSignals::emit(std::string_view path, std::string_view interface, std::string_view member,
                      std::string_view signature, std::vector<Value> values) {
    connection_.emit({.path = std::string(path),
                      .interface = std::string(interface),
                      .member = std::string(member),
                      .signature = std::string(signature),
                      .arguments = std::move(values)});
}

} // namespace mandos::server
