// Implements roster.h.
#include "programs/mandos-monitor/roster.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

namespace {

// Letters outside ASCII are compared as they are.
std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// What a client's place in the list depends on, and whether it is in it.
auto place(const Client& client) {
    return std::tie(client.name, client.host, client.expires);
}

TimePoint expiry(const Client& client) {
    return client.enabled && client.expires ? *client.expires : TimePoint::max();
}

bool goes_before(Order order, const Client& one, const Client& other) {
    const auto pending_first = [](const Client& client) {
        return client.state() == State::Denial || client.state() == State::Approval ? 0 : 1;
    };
    if (pending_first(one) != pending_first(other))
        return pending_first(one) < pending_first(other);
    if (order == Order::Expiry && expiry(one) != expiry(other))
        return expiry(one) < expiry(other);
    if (order == Order::State && one.state() != other.state())
        return one.state() < other.state();
    return std::tie(one.name, one.path) < std::tie(other.name, other.path);
}

} // namespace

std::string_view order_word(Order order) {
    switch (order) {
    case Order::Name:
        return "name";
    case Order::Expiry:
        return "time left";
    case Order::State:
        return "state";
    }
    return {};
}

void Roster::count(const Client& client, std::ptrdiff_t sign) {
    const auto one = static_cast<std::size_t>(sign); // adding -1 so is subtracting 1
    if (client.counts())
        counting_ += one;
    if (client.state() == State::Denial || client.state() == State::Approval)
        pending_ += one;
}

void Roster::put(Client client) {
    count(client, 1);
    const auto found = clients_.find(client.path);
    if (found == clients_.end()) {
        std::string path = client.path;
        clients_.emplace(std::move(path), std::move(client));
        arranged_ = false;
        return;
    }
    Client& before = found->second;
    count(before, -1);
    if (place(before) != place(client) || before.state() != client.state())
        arranged_ = false;
    before = std::move(client);
}

void Roster::remove(const std::string& path) {
    const auto found = clients_.find(path);
    if (found == clients_.end())
        return;
    count(found->second, -1);
    // Without sorting again: a server that stops removes all its clients, one after the other.
    const auto shown = std::ranges::find(rows(), &found->second);
    if (shown != rows_.end()) {
        const auto row = static_cast<std::size_t>(shown - rows_.begin());
        rows_.erase(shown);
        if (row < selected_row_ || selected_row_ == rows_.size())
            selected_row_ -= selected_row_ > 0 ? 1 : 0;
        selected_path_ = rows_.empty() ? chosen_path_ : rows_[selected_row_]->path;
    }
    clients_.erase(found);
}

void Roster::clear() {
    clients_.clear();
    rows_.clear();
    counting_ = 0;
    pending_ = 0;
    arranged_ = false;
    selected_row_ = 0;
    selected_path_ = chosen_path_; // it may come back
}

const Client* Roster::find(const std::string& path) const {
    const auto found = clients_.find(path);
    return found == clients_.end() ? nullptr : &found->second;
}

void Roster::set_order(Order order) {
    order_ = order;
    arranged_ = false;
}

void Roster::set_filter(std::string_view text) {
    filter_ = lower(text);
    arranged_ = false;
}

bool Roster::in_filter(const Client& client) const {
    if (filter_.empty())
        return true;
    const auto has = [this](std::string_view text) { return lower(text).find(filter_) != std::string::npos; };
    return has(client.name) || has(client.host) || has(state_word(client.state()));
}

void Roster::arrange() {
    rows_.clear();
    rows_.reserve(clients_.size());
    for (const auto& [path, client] : clients_)
        if (in_filter(client))
            rows_.push_back(&client);
    std::ranges::sort(
        rows_, [this](const Client* one, const Client* other) { return goes_before(order_, *one, *other); });
    arranged_ = true;
    if (rows_.empty())
        return;
    const auto found = std::ranges::find(rows_, selected_path_, &Client::path);
    selected_row_ = found == rows_.end() ? std::min(selected_row_, rows_.size() - 1)
                                         : static_cast<std::size_t>(found - rows_.begin());
    selected_path_ = rows_[selected_row_]->path;
}

const std::vector<const Client*>& Roster::rows() {
    if (!arranged_)
        arrange();
    return rows_;
}

const Client* Roster::selected() {
    return rows().empty() ? nullptr : rows_[selected_row_];
}

std::size_t Roster::selected_row() {
    return rows().empty() ? 0 : selected_row_;
}

void Roster::select_row(std::ptrdiff_t row) {
    if (rows().empty())
        return;
    selected_row_ = static_cast<std::size_t>(std::clamp(row, std::ptrdiff_t{0}, std::ssize(rows_) - 1));
    selected_path_ = rows_[selected_row_]->path;
    chosen_path_ = selected_path_;
}

std::size_t Roster::first_row(std::size_t height) {
    const std::size_t count = rows().size();
    const std::size_t last_first = count > height ? count - height : 0;
    const std::size_t least = selected_row() + 1 > height ? selected_row() + 1 - height : 0;
    first_row_ = std::min(std::clamp(first_row_, least, std::max(least, selected_row())), last_first);
    return first_row_;
}

} // namespace mandos::monitor
