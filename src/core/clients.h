// Clients: all clients, found by the key that they prove, by name and by number.
// Invariant: a key ID that two clients share belongs to neither, and that of nothing to nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/client.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::core {

enum class ClientId : std::uint32_t {}; // never used twice while the server runs
enum class CheckId : std::uint64_t {};  // one run of a checker

struct Client {
    ClientId id{};
    ClientSettings settings;   // in force
    ClientSettings configured; // as the configuration last said
    Origin origin = Origin::Configuration;
    Life life;

    std::optional<CheckId> check; // runs now
    Time check_started = Time::min();
    Time next_check;         // while enabled
    std::size_t waiting = 0; // connections that wait for approval
    Time due = Time::max();  // when the server has to look at it next
};

class Clients {
  public:
    Clients() = default;
    Clients(Clients&&) = default;
    Clients& operator=(Clients&&) = default;
    Clients(const Clients& other);
    Clients& operator=(const Clients&) = delete;
    ~Clients() = default;

    void reserve(std::size_t size); // for so many in all
    // Adds a client whose name no other has, and keeps to it: CLIENT gets its number.
    Client& add(Client client);
    void remove(ClientId id);
    // The client proves this key from now on.
    void set_key_id(Client& client, std::optional<KeyId> key_id);

    enum class Lookup { Found, Unknown, Shared };
    struct Found {
        Lookup result = Lookup::Unknown;
        Client* client = nullptr; // where result is Found; lives until it is removed
    };
    Found find(const KeyId& key_id);
    // Nothing: there is none (any more).
    Client* find(ClientId id);
    const Client* find(ClientId id) const;
    Client* find(std::string_view name);

    std::size_t size() const { return clients_.size(); }
    // In the order in which they were added.
    auto begin() { return clients_.begin(); }
    auto end() { return clients_.end(); }
    auto begin() const { return clients_.begin(); }
    auto end() const { return clients_.end(); }

  private:
    void forget_key(const Client& client);

    std::map<ClientId, Client> clients_;
    std::uint32_t last_id_ = 0;
    std::unordered_map<std::string_view, Client*> by_name_; // by the name that the client itself has
    std::unordered_multimap<KeyId, ClientId> by_key_id_;
};

} // namespace mandos::core
