// Clients: all clients of one configuration, found by the key that they prove.
// Invariant: a key ID that two clients share belongs to neither, and that of nothing to nobody.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "core/client.h"
#include "core/key_id.h"

namespace mandos::core {

struct Client {
    ClientSettings settings; // its secret has moved to SECRET
    // Shared with the connections that are just sending it, which a new configuration must not disturb.
    std::shared_ptr<const Bytes> secret;
};

class Clients {
  public:
    // SETTINGS have names that differ from each other.
    explicit Clients(std::vector<ClientSettings> settings);

    enum class Lookup { Found, Unknown, Shared };
    struct Found {
        Lookup result = Lookup::Unknown;
        const Client* client = nullptr; // where result is Found; lives as long as the Clients
    };
    Found find(const KeyId& key_id) const;

    std::size_t size() const { return clients_.size(); }

  private:
    std::vector<Client> clients_;
    std::unordered_map<KeyId, const Client*> by_key_id_; // no client where the key ID is shared
};

} // namespace mandos::core
