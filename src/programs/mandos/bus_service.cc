#include "programs/mandos/bus_service.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/log/log.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/clients.h"
#include "loop/asio.h"
#include "programs/mandos/acts.h"
#include "programs/mandos/client_object.h"
#include "programs/mandos/log_queries.h"
#include "programs/mandos/server_object.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

using wire::LogLevel;

namespace {

// Clients that are announced before others on the strand have their turn.
constexpr int announced_at_once = 50;
constexpr auto longest_farewell = std::chrono::seconds(1);

bus::LoopConnection::Settings with_names(bus::LoopConnection::Settings settings) {
    settings.names = {std::string(server_interface), std::string(former_server_interface)};
    return settings;
}

} // namespace

BusService::BusService(const io::any_io_executor& strand, Acts& acts, log::Log& log, Settings settings)
    : strand_(strand),
      log_(log),
      desk_(acts),
      listening_on_(std::move(settings.listening_on)),
      queries_(strand, std::move(settings.audit)),
      connection_(strand, *this, with_names(std::move(settings.connection))),
      signals_(connection_) {}

void BusService::stop() {
    if (is_ready_)
        for (const core::ClientId id : announced_) {
            const core::Client* const client = desk_.acts().state().clients().find(id);
            const std::string* const path = paths_.find(id);
            if (client != nullptr && path != nullptr)
                signals_.client_removed(*path, client->settings.name);
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
    if (is_ready_ && announced_.insert(client.id).second)
        signals_.client_added({.client = client, .path = path, .desk = desk_});
}

void BusService::on(const core::Removed& removed) {
    const std::string* const path = paths_.find(removed.client);
    if (path == nullptr)
        return;
    if (is_ready_ && announced_.erase(removed.client) > 0)
        signals_.client_removed(*path, removed.name);
    paths_.remove(removed.client);
}

void BusService::on(const core::Changed& changed) {
    const core::Client* const client = desk_.acts().state().clients().find(changed.client);
    const std::string* const path = path_to_tell(changed.client);
    if (client != nullptr && path != nullptr)
        signals_.property_changed({.client = *client, .path = *path, .desk = desk_}, changed.property);
}

void BusService::on(const core::AwaitApproval& wait) {
    if (const std::string* const path = path_to_tell(wait.id))
        signals_.approval_needed(*path, wait);
}

void BusService::on(const core::Refuse& refused) {
    if (!refused.id) {
        if (is_ready_)
            signals_.client_not_found(refused);
    } else if (const std::string* const path = path_to_tell(*refused.id)) {
        signals_.rejected(*path, refused.reason);
    }
}

void BusService::on(const core::SecretGiven& given) {
    if (const std::string* const path = path_to_tell(given.client))
        signals_.got_secret(*path);
}

void BusService::on(const core::LockdownChanged& changed) {
    if (is_ready_)
        signals_.lockdown_changed(changed.on);
}

void BusService::check_started(core::ClientId client, const std::string& command) {
    if (const std::string* const path = path_to_tell(client))
        signals_.checker_started(*path, command);
}

void BusService::check_ended(core::ClientId client, int wait_status, const std::string& command) {
    if (const std::string* const path = path_to_tell(client))
        signals_.checker_completed(*path, wait_status, command);
}

const std::string* BusService::path_to_tell(core::ClientId client) const {
    return is_ready_ ? paths_.find(client) : nullptr;
}

} // namespace mandos::server
