// Roster: all clients, and of them those that the list shows, in its order. Invariants: somebody is selected
// whenever a row is shown; the selection stays with its client when rows move, and goes to the next row when
// that client is gone. Sorting and filtering happen when somebody looks, once for any number of changes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "programs/mandos-monitor/client.h"

namespace mandos::monitor {

// Clients with a pending approval come first whatever the order, then Name breaks ties.
enum class Order {
    Name,
    Expiry, // who is disabled next comes first, the disabled last
    State,  // what asks for attention comes first
};

std::string_view order_word(Order order);

class Roster {
  public:
    Roster() = default;
    Roster(const Roster&) = delete; // its rows point into it
    Roster& operator=(const Roster&) = delete;

    // Adds the client, or puts it in the place of the one with its path.
    void put(Client client);
    void remove(const std::string& path);
    void clear();

    std::size_t size() const { return clients_.size(); }
    // nullptr: not there. Valid until that client is removed.
    const Client* find(const std::string& path) const;

    Order order() const { return order_; }
    void set_order(Order order);
    // Shows only clients whose name, host or state contains this, upper or lower case; empty: all.
    const std::string& filter() const { return filter_; }
    void set_filter(std::string_view text);

    // Valid until the next change.
    const std::vector<const Client*>& rows();
    // nullptr: no row is shown.
    const Client* selected();
    std::size_t selected_row();
    // Beyond the ends is at the ends.
    void select_row(std::ptrdiff_t row);

    // The first row to show in HEIGHT rows so that the selected one is seen; moves as little as it can.
    std::size_t first_row(std::size_t height);

    // Whether the time alone changes what is shown.
    bool counts() const { return counting_ > 0; }
    std::size_t pending() const { return pending_; }

  private:
    void arrange();
    void count(const Client& client, std::ptrdiff_t sign);
    bool in_filter(const Client& client) const;

    std::unordered_map<std::string, Client> clients_; // by path
    Order order_ = Order::Name;
    std::string filter_; // in lower case
    std::size_t counting_ = 0;
    std::size_t pending_ = 0;

    bool arranged_ = true; // whether the next two are up to date
    std::vector<const Client*> rows_;
    std::size_t selected_row_ = 0;
    std::string selected_path_;
    std::string
        chosen_path_; // what select_row() chose last; chosen again when all clients went and it comes back
    std::size_t first_row_ = 0;
};

} // namespace mandos::monitor
