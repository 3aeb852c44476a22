#include "core/clients.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "core/client.h"
#include "core/key_id.h"

namespace mandos::core {

Clients::Clients(std::vector<ClientSettings> settings) {
    clients_.reserve(settings.size());
    by_key_id_.reserve(settings.size());
    for (ClientSettings& one : settings) {
        auto secret = std::make_shared<const Bytes>(std::exchange(one.secret, {}));
        const Client& client = clients_.emplace_back(std::move(one), std::move(secret));
        const auto& key_id = client.settings.key_id;
        if (!key_id || key_id->is_of_nothing())
            continue;
        const auto [place, is_first] = by_key_id_.try_emplace(*key_id, &client);
        if (!is_first)
            place->second = nullptr;
    }
}

Clients::Found Clients::find(const KeyId& key_id) const {
    const auto place = by_key_id_.find(key_id);
    if (place == by_key_id_.end())
        return {.result = Lookup::Unknown};
    if (place->second == nullptr)
        return {.result = Lookup::Shared};
    return {.result = Lookup::Found, .client = place->second};
}

} // namespace mandos::core
