#include "programs/mandos/server_object.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "adapters/store/audit_reader.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/version.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/limits.h"
#include "core/time.h"
#include "programs/mandos/acts.h"
#include "programs/mandos/bus_values.h"
#include "programs/mandos/client_object.h"
#include "programs/mandos/desk.h"
#include "programs/mandos/object_paths.h"

namespace mandos::server {

namespace {

using bus::Age;
using bus::Changes;
using bus::IncomingCall;
using bus::Standing;
using bus::Value;

using Arguments = std::vector<Value>;

// Calls MAKE with each client as an object.
template <class Make>
void for_each_client(const ServerObject& server, Make make) {
    for (const auto& [id, client] : server.desk.acts().state().clients())
        make(ClientObject{
            .client = client, .path = server.paths.add(id, client.settings.name), .desk = server.desk});
}

void get_managed_objects(ServerObject& server, const Arguments& /*none*/, IncomingCall call) {
    bus::Dictionary all;
    for_each_client(server,
                    [&all](const ClientObject& client) { all.emplace_back(client.path, listed(client)); });
    call.reply("a{oa{sa{sv}}}", {std::move(all)});
}

void get_all_clients(ServerObject& server, const Arguments& /*none*/, IncomingCall call) {
    bus::Array all;
    for_each_client(server,
                    [&all](const ClientObject& client) { all.emplace_back(bus::ObjectPath{client.path}); });
    call.reply("ao", {Value(std::move(all))}); // not the array's own elements
}

void get_all_clients_with_properties(ServerObject& server, const Arguments& /*none*/, IncomingCall call) {
    bus::Dictionary all;
    for_each_client(server, [&all](const ClientObject& client) {
        all.emplace_back(client.path, all_properties(client_interfaces().front(), client));
    });
    call.reply("a{oa{sv}}", {std::move(all)});
}

void remove_client(ServerObject& server, const Arguments& arguments, IncomingCall call) {
    const std::string& path = arguments.front().get_if<bus::ObjectPath>()->text;
    const auto id = server.paths.find(std::string_view(path));
    if (!id || server.desk.acts().state().clients().find(*id) == nullptr) {
        call.refuse(bus::error_names::unknown_object, "no client has the path " + quoted(path));
        return;
    }
    core::Event event = core::Remove{.client = *id, .actor = call.actor()};
    server.desk.act(std::move(event), std::move(call));
}

const core::Client* find_client(const Acts& acts, std::string_view name) {
    const core::Clients& clients = acts.state().clients();
    const auto found = std::ranges::find_if(
        clients, [name](const auto& entry) { return entry.second.settings.name == name; });
    return found == clients.end() ? nullptr : &found->second;
}

void add_client(ServerObject& server, const Arguments& arguments, IncomingCall call) {
    const auto& section = *arguments.front().get_if<std::string>();
    if (section.size() > core::limits::expanded_value) {
        call.refuse(bus::error_names::invalid_args, "the section is too long");
        return;
    }
    Acts& acts = server.desk.acts();
    Result<core::ClientSettings> settings = acts.parse_section(section);
    if (!settings) {
        call.refuse(settings.error());
        return;
    }
    const std::string name = settings->name;
    if (find_client(acts, name) != nullptr) {
        call.refuse(bus::error_names::invalid_args, "there is a client " + quoted(name) + " already");
        return;
    }
    core::Event event = core::Add{.settings = std::move(*settings), .actor = call.actor()};
    server.desk.act(std::move(event), std::move(call),
                    [&acts, &paths = server.paths, name](IncomingCall done) {
                        const core::Client* const client = find_client(acts, name);
                        if (client == nullptr)
                            done.refuse(bus::error_names::failed, "the client was removed at once");
                        else
                            done.reply("o", {bus::ObjectPath{paths.add(client->id, name)}});
                    });
}

void reload(ServerObject& server, const Arguments& /*none*/, IncomingCall call) {
    std::string actor = call.actor();
    server.desk.acts().reload(
        std::move(actor), [call = std::move(call)](const Result<std::vector<std::string>>& warnings) mutable {
            if (!warnings) {
                call.refuse(warnings.error());
                return;
            }
            bus::Strings shown;
            for (const std::string& warning : *warnings)
                shown.push_back(bus::sendable(warning));
            call.reply("as", {std::move(shown)});
        });
}

// AFTER is a record's number; "" and 0 mean all. Where there are more than AT_MOST, the first or the LATEST.
void get_log(ServerObject& server, const Arguments& arguments, IncomingCall call) {
    const auto& client = *arguments.at(0).get_if<std::string>();
    const std::int64_t since = *arguments.at(1).get_if<std::int64_t>();
    const std::size_t at_most = *arguments.at(3).get_if<std::uint32_t>();
    store::AuditQuery query{
        .after = *arguments.at(2).get_if<std::uint64_t>(),
        .at_most = std::min(at_most == 0 ? core::limits::log_page : at_most, core::limits::log_page)};
    if (!client.empty())
        query.client = client;
    if (since != 0)
        query.since = core::WallTime(std::chrono::microseconds(since));
    if (*arguments.at(4).get_if<bool>())
        query.which = store::AuditQuery::Which::Last;
    server.log.entries(std::move(query), std::move(call));
}

void verify_log(ServerObject& server, const Arguments& /*none*/, IncomingCall call) {
    server.log.verify(std::move(call));
}

void set_lockdown(ServerObject& server, std::string_view name, const Value& value, IncomingCall call) {
    const Result<bool> truth = read_truth(name, value);
    if (!truth) {
        call.refuse(truth.error());
        return;
    }
    core::Event event = core::SetLockdown{.on = *truth, .actor = call.actor()};
    server.desk.act(std::move(event), std::move(call));
}

Value get_lockdown(const ServerObject& server) {
    return server.desk.acts().state().is_locked_down();
}
Value get_version(const ServerObject& /*server*/) {
    return version();
}
Value get_port(const ServerObject& server) {
    return server.listening_on.port;
}
Value get_address(const ServerObject& server) {
    return bus::sendable(server.listening_on.address);
}
Value get_clients(const ServerObject& server) {
    return static_cast<std::uint32_t>(server.desk.acts().state().clients().size());
}

// The tables
// --------------------------------------------------------------------------------------------------

using Table = bus::Interface<ServerObject>;

constexpr auto standing = Standing::Current;
constexpr auto old = Standing::Deprecated;

Table present_table() {
    return {
        .name = server_interface,
        .methods = {{{"RemoveClient", {{"object_path", "o"}}}, remove_client},
                    {{"GetAllClients", {}, {{"objpaths", "ao"}}, old}, get_all_clients},
                    {{"GetAllClientsWithProperties", {}, {{"objpaths_and_properties", "a{oa{sv}}"}}, old},
                     get_all_clients_with_properties},
                    {{"AddClient", {{"section", "s"}}, {{"objpath", "o"}}, standing, Age::New}, add_client},
                    {{"Reload", {}, {{"warnings", "as"}}, standing, Age::New}, reload},
                    {{"GetLog",
                      {{"client", "s"}, {"since_us", "x"}, {"after", "t"}, {"at_most", "u"}, {"latest", "b"}},
                      {{"records", LogQueries::entries_signature}},
                      standing,
                      Age::New},
                     get_log},
                    {{"VerifyLog", {}, {{"good", "b"}, {"records", "t"}, {"why", "s"}}, standing, Age::New},
                     verify_log}},
        .properties = {{{"Lockdown", "b", Changes::Signalled, standing, Age::New},
                        get_lockdown,
                        set_lockdown},
                       {{"Version", "s", Changes::Constant, standing, Age::New}, get_version},
                       {{"Port", "q", Changes::Constant, standing, Age::New}, get_port},
                       {{"Address", "s", Changes::Constant, standing, Age::New}, get_address},
                       {{"Clients", "u", Changes::Untold, standing, Age::New}, get_clients}},
        .signals = {{"ClientAdded", {{"objpath", "o"}}},
                    {"ClientNotFound", {{"key_id", "s"}, {"address", "s"}}},
                    {"ClientRemoved", {{"objpath", "o"}, {"name", "s"}}, old}},
    };
}

Table object_manager_table() {
    return {
        .name = object_manager_interface,
        .methods = {{{"GetManagedObjects", {}, {{"objpath_interfaces_and_properties", "a{oa{sa{sv}}}"}}},
                     get_managed_objects}},
        .signals = {{"InterfacesAdded", {{"object_path", "o"}, {"interfaces_and_properties", "a{sa{sv}}"}}},
                    {"InterfacesRemoved", {{"object_path", "o"}, {"interfaces", "as"}}}},
    };
}

} // namespace

const bus::Interfaces<ServerObject>& server_interfaces() {
    static const bus::Interfaces<ServerObject> all = [] {
        const Table present = present_table();
        return bus::Interfaces<ServerObject>{present, former(present, former_server_interface),
                                             object_manager_table()};
    }();
    return all;
}

} // namespace mandos::server
