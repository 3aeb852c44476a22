#include "core/clients.h"

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "core/client.h"
#include "core/key_id.h"

namespace mandos::core {

// by_name_ points into clients_.
Clients::Clients(const Clients& other)
    : clients_(other.clients_), last_id_(other.last_id_), by_key_id_(other.by_key_id_) {
    by_name_.reserve(clients_.size());
    for (auto& [id, client] : clients_)
        by_name_.emplace(client.settings.name, &client);
}

void Clients::reserve(std::size_t size) {
    by_name_.reserve(size);
    by_key_id_.reserve(size);
}

Client& Clients::add(Client client) {
    client.id = static_cast<ClientId>(++last_id_);
    Client& added = clients_.try_emplace(clients_.end(), client.id, std::move(client))->second;
    const bool is_new = by_name_.try_emplace(added.settings.name, &added).second;
    check(is_new, "clients have names that differ");
    set_key_id(added, added.settings.key_id);
    return added;
}

void Clients::remove(ClientId id) {
    const auto found = clients_.find(id);
    check(found != clients_.end(), "a client is removed once");
    forget_key(found->second);
    by_name_.erase(found->second.settings.name);
    clients_.erase(found);
}

void Clients::set_key_id(Client& client, std::optional<KeyId> key_id) {
    forget_key(client);
    client.settings.key_id = key_id;
    if (key_id && !key_id->is_of_nothing())
        by_key_id_.emplace(*key_id, client.id);
}

void Clients::forget_key(const Client& client) {
    if (!client.settings.key_id)
        return;
    auto [place, end] = by_key_id_.equal_range(*client.settings.key_id);
    while (place != end)
        place = place->second == client.id ? by_key_id_.erase(place) : std::next(place);
}

Clients::Found Clients::find(const KeyId& key_id) {
    const auto [first, end] = by_key_id_.equal_range(key_id);
    if (first == end)
        return {.result = Lookup::Unknown};
    if (std::next(first) != end)
        return {.result = Lookup::Shared};
    return {.result = Lookup::Found, .client = find(first->second)};
}

Client* Clients::find(ClientId id) {
    const auto found = clients_.find(id);
    return found == clients_.end() ? nullptr : &found->second;
}

const Client* Clients::find(ClientId id) const {
    const auto found = clients_.find(id);
    return found == clients_.end() ? nullptr : &found->second;
}

Client* Clients::find(std::string_view name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

} // namespace mandos::core
