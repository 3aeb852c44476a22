#include "programs/mandos/client_object.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "base/check.h"
#include "core/actions.h"
#include "core/events.h"
#include "core/life.h"
#include "core/peer_address.h"
#include "core/time.h"
#include "programs/mandos/bus_values.h"
#include "programs/mandos/client_acts.h"
#include "programs/mandos/client_properties.h"
#include "programs/mandos/desk.h"
#include "programs/mandos/explain.h"

namespace mandos::server {

namespace {

using bus::Age;
using bus::IncomingCall;
using bus::Standing;
using bus::Value;

using Arguments = std::vector<Value>;

void approve(ClientObject& object, const Arguments& arguments, IncomingCall call) {
    core::Event event = core::Approve{.client = object.client.id,
                                      .decision = *arguments.front().get_if<bool>() ? core::Decision::Approve
                                                                                    : core::Decision::Deny,
                                      .actor = call.actor()};
    object.desk.act(std::move(event), std::move(call));
}

void explain_client(ClientObject& object, const Arguments& /*none*/, IncomingCall call) {
    const Explanation why = explain(object.desk.acts().state(), object.client);
    call.reply("a{sv}", {bus::Dictionary{{"WouldGet", why.would_get},
                                         {"Reason", bus::sendable(why.reason)},
                                         {"Since", time_text(why.since)},
                                         {"Remedy", bus::sendable(why.remedy)}}});
}

// The tables
// --------------------------------------------------------------------------------------------------

using Table = bus::Interface<ClientObject>;

// Beside ApprovalNeeded, for those who were not there to hear it.
void get_approval_peers(ClientObject& object, const Arguments& /*none*/, IncomingCall call) {
    bus::Strings peers;
    for (const core::PeerAddress& peer : object.desk.acts().state().peers_waiting(object.client.id))
        peers.push_back(bus::sendable(peer.text()));
    call.reply("as", {std::move(peers)});
}

decltype(Table::methods) methods() {
    return {
        {{.name = "Approve", .in = {{"value", "b"}}}, approve},
        {{.name = "CheckedOK"}, act<core::MarkAlive>},
        {{.name = "Enable", .standing = Standing::Deprecated}, act<core::Enable>},
        {{.name = "Disable", .standing = Standing::Deprecated}, act<core::Disable>},
        {{.name = "StartChecker", .standing = Standing::Deprecated}, act_unnamed<core::BeginCheck>},
        {{.name = "StopChecker", .standing = Standing::Deprecated}, act_unnamed<core::CancelCheck>},
        {{.name = "Explain", .out = {{"explanation", "a{sv}"}}, .age = Age::New}, explain_client},
        {{.name = "GetApprovalPeers", .out = {{"peers", "as"}}, .age = Age::New}, get_approval_peers},
    };
}

decltype(Table::signals) signals() {
    return {
        {"CheckerStarted", {{"command", "s"}}},
        {"CheckerCompleted", {{"exitcode", "n"}, {"waitstatus", "x"}, {"command", "s"}}},
        {"GotSecret"},
        {"NeedApproval", {{"timeout", "t"}, {"default", "b"}}},
        {"Rejected", {{"reason", "s"}}},
        {"PropertyChanged", {{"property", "s"}, {"value", "v"}}, Standing::Deprecated},
        {"ApprovalNeeded", {{"delay", "t"}, {"default", "b"}, {"peer", "s"}}, Standing::Current, Age::New},
    };
}

} // namespace

const bus::Interfaces<ClientObject>& client_interfaces() {
    static const bus::Interfaces<ClientObject> both = [] {
        const Table present{.name = client_interface,
                            .methods = methods(),
                            .properties = client_properties(),
                            .signals = signals()};
        return bus::Interfaces<ClientObject>{present, former(present, former_client_interface)};
    }();
    return both;
}

bus::Strings listed_interfaces() {
    return {std::string(bus::properties_interface), std::string(bus::introspectable_interface),
            std::string(client_interface), std::string(former_client_interface)};
}

bus::Dictionary listed(const ClientObject& object) {
    bus::Dictionary all;
    all.emplace_back(std::string(bus::properties_interface), bus::Dictionary());
    all.emplace_back(std::string(bus::introspectable_interface), bus::Dictionary());
    for (const Table& interface : client_interfaces())
        all.emplace_back(std::string(interface.name), all_properties(interface, object));
    return all;
}

Value (*getter(core::Property property))(const ClientObject& object) {
    const std::string_view name = bus_name(property);
    const auto& rows = client_interfaces().front().properties;
    const auto row = std::ranges::find_if(rows, [name](const auto& one) { return one.head.name == name; });
    check(row != rows.end(), "each property of the core is in the table");
    return row->get;
}

} // namespace mandos::server
