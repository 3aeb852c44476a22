#include "tests/support/core_store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is stored

std::optional<std::string> MemoryStore::commit(const Actions& actions, const Clients& clients, Now now,
                                               std::vector<Written>& saved) {
    std::map<ClientId, Save::What> urgent;
    for (const Action& action : actions) {
        if (const auto* save = std::get_if<Save>(&action)) {
            auto& saves = save->urgency == Urgency::Now ? urgent : soon_;
            Save::What& what = saves.try_emplace(save->client, save->what).first->second;
            what = std::max(what, save->what);
        } else if (const auto* erase = std::get_if<Erase>(&action)) {
            clients_.erase(erase->client);
        } else if (const auto* remember = std::get_if<RememberRemoved>(&action)) {
            if (remember->removed)
                removed_.insert(remember->client);
            else
                removed_.erase(remember->client);
        } else if (const auto* server = std::get_if<SaveServer>(&action)) {
            locked_down_ = server->locked_down.value_or(locked_down_);
            stopped_cleanly_ = server->stopped_cleanly.value_or(stopped_cleanly_);
        } else if (std::holds_alternative<Audit>(action)) {
            ++records_;
        }
    }
    for (const auto& [id, what] : urgent)
        if (auto failure = write({.client = id, .what = what, .urgency = Urgency::Now}, clients, now, saved))
            return failure;
    return std::nullopt;
}

std::optional<std::string> MemoryStore::flush(const Clients& clients, Now now, std::vector<Written>& saved) {
    for (const auto& [id, what] : std::exchange(soon_, {}))
        if (clients.find(id) != nullptr) // else it was removed meanwhile
            if (auto failure =
                    write({.client = id, .what = what, .urgency = Urgency::Soon}, clients, now, saved))
                return failure;
    return std::nullopt;
}

std::optional<std::string> MemoryStore::write(const Save& save, const Clients& clients, Now now,
                                              std::vector<Written>& saved) {
    const Client* client = clients.find(save.client);
    if (client == nullptr)
        return "who is gone is to be saved";
    const std::string& name = client->settings.name;
    if (save.what == Save::What::Life) {
        const auto found = clients_.find(name);
        if (found == clients_.end())
            return fmt::format("the life alone of {} is to be saved, and its settings are not", name);
        found->second.life = client->life;
        found->second.saved = now;
    } else {
        clients_[name] = {.settings = client->settings,
                          .configured = client->configured,
                          .origin = client->origin,
                          .life = client->life,
                          .saved = now};
    }
    saved.push_back({.name = name, .what = save.what});
    return std::nullopt;
}

StoredState MemoryStore::read(bool same_boot) const {
    StoredState state{.removed = {removed_.begin(), removed_.end()},
                      .locked_down = locked_down_,
                      .stopped_cleanly = stopped_cleanly_,
                      .same_boot = same_boot};
    for (const auto& [name, client] : clients_)
        state.clients.push_back(client);
    return state;
}

} // namespace mandos::support
