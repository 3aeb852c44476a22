// Implements server.h: the connection, the requests, and all clients at once. The signals are in
// server_signals.cc.
#include "programs/mandos-monitor/server.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "adapters/bus/watching_bus.h"
#include "base/error.h"
#include "programs/mandos-monitor/mandos_names.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

namespace {

constexpr auto time_between_tries = std::chrono::seconds(2);
constexpr std::string_view bus_name = "org.freedesktop.DBus";
constexpr std::string_view properties_interface = "org.freedesktop.DBus.Properties";
constexpr std::string_view objects_interface = "org.freedesktop.DBus.ObjectManager";

bus::Call set_property(const std::string& path, std::string_view name, bus::Value value) {
    return {.destination = std::string(server_name),
            .path = path,
            .interface = std::string(properties_interface),
            .method = "Set",
            .signature = "ssv",
            .arguments = {client_interface, name, std::move(value)}};
}

bus::Call call_client(const std::string& path, std::string_view method, std::string_view signature = "",
                      std::vector<bus::Value> arguments = {}) {
    return {.destination = std::string(server_name),
            .path = path,
            .interface = std::string(client_interface),
            .method = std::string(method),
            .signature = std::string(signature),
            .arguments = std::move(arguments)};
}

bus::Call call_server(std::string_view interface, std::string_view method, std::string_view signature = "",
                      std::vector<bus::Value> arguments = {}) {
    return {.destination = std::string(server_name),
            .path = "/",
            .interface = std::string(interface),
            .method = std::string(method),
            .signature = std::string(signature),
            .arguments = std::move(arguments)};
}

} // namespace

Server::Server(Model& model, Clock clock) : model_(model), clock_(std::move(clock)) {
    model_.set_connection("connecting");
}

int Server::descriptor() const {
    return bus_ ? bus_->descriptor() : -1;
}

short Server::events() const {
    return bus_ ? bus_->events() : short{0};
}

std::optional<Server::Deadline> Server::deadline() const {
    return bus_ ? bus_->deadline() : next_try_;
}

void Server::say(std::string_view text, Model::Detail detail) {
    model_.log(clock_(), text, detail);
    changed_ = true;
}

Server::Changed Server::process(Deadline now) {
    changed_ = false;
    if (!bus_ && (!next_try_ || *next_try_ <= now))
        connect(now);
    if (bus_)
        if (const auto processed = bus_->process(); !processed)
            lose_bus(processed.error(), now);
    return changed_ ? Changed::Yes : Changed::No;
}

void Server::connect(Deadline now) {
    auto opened = bus::WatchingBus::open_system();
    if (!opened) {
        lose_bus(opened.error(), now);
        return;
    }
    bus_ = *std::move(opened);
    if (const auto watched = watch_all(); !watched) {
        lose_bus(watched.error(), now);
        return;
    }
    // Nobody owning the name is no failure: the answer is an error then, and a signal comes later.
    const bus::Call ask{.destination = std::string(bus_name),
                        .path = "/org/freedesktop/DBus",
                        .interface = std::string(bus_name),
                        .method = "GetNameOwner",
                        .signature = "s",
                        .arguments = {server_name}};
    const auto sent = bus_->call(ask, [this](const Result<std::vector<bus::Value>>& answer) {
        last_failure_.clear();
        const auto* const owner =
            answer && !answer->empty() ? answer->front().get_if<std::string>() : nullptr;
        take_owner(owner == nullptr ? std::string() : *owner);
    });
    if (!sent)
        lose_bus(sent.error(), now);
}

void Server::lose_bus(const Error& error, Deadline now) {
    if (error.text() != last_failure_)
        say(fmt::format("{}; trying again every {} s", error.text(), time_between_tries.count()));
    last_failure_ = error.text();
    owner_.clear();
    model_.clear();
    model_.set_connection("no message bus");
    model_.set_lockdown(Model::Lockdown::Off);
    changed_ = true;
    next_try_ = now + time_between_tries;
    bus_.reset();
}

Result<void> Server::watch_all() {
    const auto watch = [this](const std::string& rule, void (Server::*handler)(const bus::ReceivedSignal&)) {
        return bus_->watch(rule,
                           [this, handler](const bus::ReceivedSignal& signal) { (this->*handler)(signal); });
    };
    MANDOS_TRY(
        watch(fmt::format("type='signal',sender='{0}',interface='{0}',member='NameOwnerChanged',arg0='{1}'",
                          bus_name, server_name),
              &Server::on_name_owner_changed));
    MANDOS_TRY(
        watch(fmt::format("type='signal',interface='{}',path='/'", server_name), &Server::on_server_signal));
    MANDOS_TRY(
        watch(fmt::format("type='signal',interface='{}'", client_interface), &Server::on_client_signal));
    for (const std::string_view changing : {client_interface, server_name})
        MANDOS_TRY(watch(fmt::format("type='signal',interface='{}',member='PropertiesChanged',arg0='{}'",
                                     properties_interface, changing),
                         &Server::on_properties_changed));
    return watch(fmt::format("type='signal',interface='{}',path='/'", objects_interface),
                 &Server::on_object_signal);
}

void Server::call(bus::Call call, std::string what,
                  std::function<void(const std::vector<bus::Value>&)> answered) {
    if (!bus_ || owner_.empty()) {
        say(fmt::format("{}: there is no Mandos server", what));
        return;
    }
    // To this very server: one that has started meanwhile gets no order meant for another.
    call.destination = owner_;
    const auto sent = bus_->call(call, [this, owner = owner_, what, answered = std::move(answered)](
                                           const Result<std::vector<bus::Value>>& answer) {
        if (!answer)
            say(fmt::format("{}: {}", what, answer.error().text()));
        else if (answered && owner == owner_)
            answered(*answer);
    });
    if (!sent)
        say(fmt::format("{}: {}", what, sent.error().text()));
}

void Server::take_owner(std::string owner) {
    const bool had_one = !owner_.empty();
    owner_ = std::move(owner);
    changed_ = true;
    model_.clear();
    model_.set_lockdown(Model::Lockdown::Off);
    if (owner_.empty()) {
        model_.set_connection("no server");
        say(had_one ? "The Mandos server has stopped; waiting for it"
                    : "No Mandos server is running; waiting for one");
        return;
    }
    model_.set_connection(fmt::format("server {}, reading its clients", owner_));
    say(fmt::format("The Mandos server is there ({})", owner_));
    read_all_clients();
    read_lockdown();
}

void Server::read_all_clients() {
    call(call_server(objects_interface, "GetManagedObjects"), "Cannot read the clients",
         [this](const std::vector<bus::Value>& answer) { take_all_clients(answer); });
}

void Server::take_all_clients(const std::vector<bus::Value>& answer) {
    const auto* const objects = answer.empty() ? nullptr : answer.front().get_if<bus::Dictionary>();
    if (objects == nullptr) {
        say("Cannot read the clients: the server's answer has another form");
        return;
    }
    model_.clear();
    for (const auto& [path, interfaces] : *objects)
        if (const auto* const dictionary = interfaces.get_if<bus::Dictionary>())
            add_client(path, *dictionary);
    model_.set_connection(fmt::format("server {}", owner_));
    changed_ = true;
}

// Servers of 1.8 have no such property: an error says nothing.
void Server::read_lockdown() {
    bus::Call get = call_server(properties_interface, "Get", "ss", {server_name, "Lockdown"});
    get.destination = owner_;
    (void)bus_->call(get, [this, owner = owner_](const Result<std::vector<bus::Value>>& answer) {
        const bool* const on =
            answer && !answer->empty() && owner == owner_ ? answer->front().get_if<bool>() : nullptr;
        if (on == nullptr)
            return;
        model_.set_lockdown(*on ? Model::Lockdown::On : Model::Lockdown::Off);
        changed_ = true;
    });
}

// Who has asked before we listened, or has gone while another still waits: no signal tells that. Neither does
// a server of 1.8.
void Server::read_peers(const std::string& path) {
    bus::Call get = call_client(path, "GetApprovalPeers");
    get.destination = owner_;
    (void)bus_->call(get, [this, owner = owner_, path](const Result<std::vector<bus::Value>>& answer) {
        const auto* const peers =
            answer && !answer->empty() && owner == owner_ ? answer->front().get_if<bus::Strings>() : nullptr;
        if (peers != nullptr)
            take_peers(path, *peers);
    });
}

void Server::finish() {
    if (bus_)
        bus_->finish(std::chrono::seconds(1));
}

void Server::perform(const Action& action) {
    const auto send = [this, &action](std::string_view what, bus::Call request) {
        call(std::move(request), fmt::format("Client {}: cannot {}", shown(action.name), what));
    };
    switch (action.kind) {
    case Action::Kind::Quit:
    case Action::Kind::Redraw:
    case Action::Kind::Suspend:
        return; // nothing of the server's
    case Action::Kind::Enable:
        return send("enable it", set_property(action.path, "Enabled", true));
    case Action::Kind::Disable:
        return send("disable it", set_property(action.path, "Enabled", false));
    case Action::Kind::Approve:
        return send("approve it", call_client(action.path, "Approve", "b", {true}));
    case Action::Kind::Deny:
        return send("deny it", call_client(action.path, "Approve", "b", {false}));
    case Action::Kind::Remove:
        return send("remove it",
                    call_server(server_name, "RemoveClient", "o", {bus::ObjectPath{action.path}}));
    case Action::Kind::StartChecker:
        return send("start a checker", set_property(action.path, "CheckerRunning", true));
    case Action::Kind::StopChecker:
        return send("stop its checker", set_property(action.path, "CheckerRunning", false));
    case Action::Kind::CheckedOk:
        return send("take it for checked", call_client(action.path, "CheckedOK"));
    }
}

} // namespace mandos::monitor
