#include "programs/mandos-ctl/server.h"

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/quote.h"
#include "programs/mandos-ctl/action.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/messages.h"

namespace mandos::ctl {

namespace {

constexpr const char* bus_name = "se.recompile.Mandos";
constexpr const char* server_interface = "se.recompile.Mandos";
constexpr const char* server_path = "/";
constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";

std::string describe_value(const bus::Value& value) {
    return std::visit(
        [](const auto& data) -> std::string {
            using Data = std::remove_cvref_t<decltype(data)>;
            if constexpr (std::is_arithmetic_v<Data>)
                return fmt::format("{}", data);
            else if constexpr (std::is_same_v<Data, std::string>)
                return quoted(data);
            else if constexpr (std::is_same_v<Data, bus::ObjectPath>)
                return quoted(data.text);
            else if constexpr (std::is_same_v<Data, bus::Secret>)
                return "(secret)";
            else
                return "(...)";
        },
        value.data());
}

} // namespace

std::string describe(const bus::Call& call) {
    std::string arguments;
    for (const bus::Value& argument : call.arguments)
        arguments += (arguments.empty() ? "" : ", ") + describe_value(argument);
    return fmt::format("{}:{}:{}.{}({})", call.destination, call.path, call.interface, call.method,
                       arguments);
}

Result<std::vector<bus::Value>> Server::call(const bus::Call& call) {
    if (trace_ == Trace::On)
        say("D-Bus: " + describe(call));
    return bus_.call(call);
}

Result<std::vector<Client>> Server::clients(std::chrono::milliseconds limit) {
    const std::vector<bus::Value> answer = MANDOS_TRY(call({.destination = bus_name,
                                                            .path = server_path,
                                                            .interface = "org.freedesktop.DBus.ObjectManager",
                                                            .method = "GetManagedObjects",
                                                            .signature = "",
                                                            .arguments = {},
                                                            .limit = limit}));
    if (answer.size() != 1)
        return fail(ErrorKind::Invalid, "the server answered {} values, not the one that holds its clients",
                    answer.size());
    return read_clients(answer.front());
}

Result<void> Server::set(const Client& client, const SetProperty& property) {
    (void)MANDOS_TRY(call({.destination = bus_name,
                           .path = client.path.text,
                           .interface = properties_interface,
                           .method = "Set",
                           .signature = "ssv",
                           .arguments = {client_interface, property.property, property.value}}));
    return {};
}

Result<void> Server::answer(const Client& client, Approval approval) {
    (void)MANDOS_TRY(call({.destination = bus_name,
                           .path = client.path.text,
                           .interface = std::string(client_interface),
                           .method = "Approve",
                           .signature = "b",
                           .arguments = {approval == Approval::Approve}}));
    return {};
}

Result<void> Server::remove(const Client& client) {
    (void)MANDOS_TRY(call({.destination = bus_name,
                           .path = server_path,
                           .interface = server_interface,
                           .method = "RemoveClient",
                           .signature = "o",
                           .arguments = {client.path}}));
    return {};
}

Result<std::vector<bus::Value>> Server::ask(std::string method, std::string signature,
                                            std::vector<bus::Value> arguments,
                                            std::chrono::milliseconds limit) {
    return call({.destination = bus_name,
                 .path = server_path,
                 .interface = server_interface,
                 .method = std::move(method),
                 .signature = std::move(signature),
                 .arguments = std::move(arguments),
                 .limit = limit});
}

Result<std::vector<bus::Value>> Server::ask_client(const Client& client, std::string method) {
    return call({.destination = bus_name,
                 .path = client.path.text,
                 .interface = std::string(client_interface),
                 .method = std::move(method),
                 .signature = "",
                 .arguments = {}});
}

Result<bool> Server::lockdown() {
    const auto answer = MANDOS_TRY(call({.destination = bus_name,
                                         .path = server_path,
                                         .interface = properties_interface,
                                         .method = "Get",
                                         .signature = "ss",
                                         .arguments = {server_interface, "Lockdown"}}));
    const bool* on = answer.size() == 1 ? answer.front().get_if<bool>() : nullptr;
    if (on == nullptr)
        return fail(ErrorKind::Invalid, "the server's answer is neither yes nor no");
    return *on;
}

Result<void> Server::set_lockdown(bool on) {
    (void)MANDOS_TRY(call({.destination = bus_name,
                           .path = server_path,
                           .interface = properties_interface,
                           .method = "Set",
                           .signature = "ssv",
                           .arguments = {server_interface, "Lockdown", on}}));
    return {};
}

} // namespace mandos::ctl
