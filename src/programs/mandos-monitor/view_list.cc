// Implements view_parts.h: the list of clients, and the details of one.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/screen/grid.h"
#include "adapters/screen/screen.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/roster.h"
#include "programs/mandos-monitor/time_text.h"
#include "programs/mandos-monitor/view_parts.h"

namespace mandos::monitor {

using screen::Characters;
using screen::Focus;
using screen::Grid;
using screen::Role;

namespace {

constexpr int bar_columns = 16;

Role role_of(const Client& client, TimePoint now) {
    constexpr double little = 0.25;
    switch (client.state()) {
    case State::Denial:
    case State::Approval:
        return Role::Warning;
    case State::Failed:
        return Role::Alarm;
    case State::Unchecked:
    case State::Enabled:
        return client.counts() && client.part_left(now) < little ? Role::Warning : Role::Good;
    case State::Disabled:
        return Role::Faint;
    }
    return Role::Plain;
}

// Full at the start, empty at the end.
std::string bar(double part, Characters characters) {
    const int full = static_cast<int>(std::ceil(part * bar_columns));
    std::string text = "[";
    for (int column = 0; column < bar_columns; ++column)
        if (characters == Characters::Unicode)
            text += column < full ? "█" : "░";
        else
            text += column < full ? "#" : ".";
    return text + "]";
}

std::string peers_text(const Client& client) {
    if (client.peers.empty())
        return {};
    const std::string first = shown(client.peers.front());
    return client.peers.size() == 1 ? fmt::format(" from {}", first)
                                    : fmt::format(" from {} +{}", first, client.peers.size() - 1);
}

// What a row has behind the client's name, and at its right end.
struct RowText {
    std::string status;
    std::string right;
};

// The ways to say it, the fullest first; the last one has nothing at the right. A status that tells no time
// has the clock at the right.
std::vector<RowText> ways_to_tell(const Client& client, TimePoint now, Characters characters) {
    const std::string status = client.status(now);
    if (!client.counts())
        return {{status, {}}};
    const std::string clock = countdown(client.left(now).value_or(Span{}));
    const std::string full = bar(client.part_left(now), characters);
    const std::string short_failure = "A checker has failed!";
    switch (client.state()) {
    case State::Denial:
    case State::Approval:
        return {{status, full}, {status, {}}};
    case State::Failed:
        return {{status, full}, {short_failure, clock + " " + full}, {short_failure, clock}, {status, {}}};
    case State::Unchecked:
    case State::Enabled:
        return {{status, clock + " " + full}, {status, clock}, {status, {}}};
    case State::Disabled:
        break;
    }
    return {{status, {}}};
}

void draw_client(Grid& grid, int row, const Client& client, TimePoint now, Characters characters) {
    const Role role = role_of(client, now);
    const std::string name = shown(client.name) + ": ";
    const std::string peers = peers_text(client);
    const std::string checking = client.checker_running ? "  checking..." : "";
    const int columns = grid.size().columns;
    // The bar gives way to what is written.
    const std::vector<RowText> ways = ways_to_tell(client, now, characters);
    const auto fits = [&, others = screen::width_of(name + peers + checking)](const RowText& text) {
        return others + screen::width_of(text.status) + 1 + screen::width_of(text.right) <= columns;
    };
    const auto fitting = std::ranges::find_if(ways, fits);
    const RowText& text = fitting == ways.end() ? ways.back() : *fitting;
    int end = columns;
    if (!text.right.empty()) {
        end = columns - screen::width_of(text.right);
        grid.put(row, end, text.right, {.role = role});
        end -= 1;
    }
    int column = grid.put(row, 0, name, {}, end);
    column = grid.put(row, column, text.status, {.role = role}, end - column);
    column = grid.put(row, column, peers, {.role = Role::Strong}, end - column);
    grid.put(row, column, checking, {.role = Role::Faint}, end - column);
}

std::string time_or(const std::optional<TimePoint>& time, std::string_view otherwise) {
    return time ? local_time(*time) : std::string(otherwise);
}

std::string checker_result(const Client& client) {
    constexpr int none_yet = -2;
    constexpr int crashed = -1;
    if (client.last_checker_status == none_yet)
        return "none yet";
    if (client.last_checker_status == crashed)
        return "ended by a signal";
    return client.last_checker_status == 0 ? "success"
                                           : fmt::format("exit status {}", client.last_checker_status);
}

std::string all_peers(const Client& client) {
    std::string text;
    for (const std::string& peer : client.peers)
        text += (text.empty() ? "" : ", ") + shown(peer);
    return text.empty() ? "not told" : text;
}

// What to tell of a client, the most important first: a low pane shows only as much as it holds.
std::vector<std::pair<std::string_view, std::string>> facts(const Client& client, TimePoint now) {
    std::vector<std::pair<std::string_view, std::string>> list{
        {"Name", fmt::format("{} ({})", shown(client.name), state_word(client.state()))},
        {"Host", shown(client.host)},
    };
    if (client.state() == State::Denial || client.state() == State::Approval)
        list.emplace_back("Waiting", fmt::format("{}, {} left", all_peers(client),
                                                 countdown(client.left(now).value_or(Span{}))));
    list.emplace_back("Expires", time_or(client.expires, "never"));
    list.emplace_back("Checked",
                      fmt::format("{}; last checker: {}", time_or(client.last_checked_ok, "not yet"),
                                  checker_result(client)));
    list.emplace_back("Times", fmt::format("timeout {}, extended {}, interval {}", countdown(client.timeout),
                                           countdown(client.extended_timeout), countdown(client.interval)));
    list.emplace_back("Approval",
                      fmt::format("{} by default, delay {}, valid for {}",
                                  client.approved_by_default ? "approved" : "denied",
                                  countdown(client.approval_delay), countdown(client.approval_duration)));
    list.emplace_back("Checker", shown(client.checker));
    list.emplace_back("Key ID", shown(client.key_id));
    list.emplace_back("Key", shown(client.fingerprint));
    list.emplace_back("Enabled", time_or(client.last_enabled, "never"));
    list.emplace_back("Asked", time_or(client.last_approval_request, "never"));
    list.emplace_back("Created", time_or(client.created, "not told"));
    return list;
}

} // namespace

void draw_list(Grid& grid, const Layout::Part& part, Model& model, TimePoint now, Characters characters) {
    if (part.rows <= 0)
        return;
    Roster& roster = model.roster();
    const auto& rows = roster.rows();
    if (rows.empty()) {
        grid.put(part.top, 0,
                 roster.size() == 0 ? "No clients" : "No client matches the filter; Esc shows all",
                 {.role = Role::Faint});
        return;
    }
    const std::size_t first = roster.first_row(static_cast<std::size_t>(part.rows));
    for (int row = part.top; row < part.end(); ++row) {
        const std::size_t index = first + static_cast<std::size_t>(row - part.top);
        if (index >= rows.size())
            break;
        draw_client(grid, row, *rows[index], now, characters);
        if (index == roster.selected_row() && model.pane() == Pane::List)
            grid.focus_row(row, Focus::On);
    }
}

void draw_details(Grid& grid, const Layout::Part& part, Model& model, TimePoint now) {
    const Client* const client = model.roster().selected();
    if (part.rows <= 0 || client == nullptr)
        return;
    constexpr int label_columns = 10;
    int row = part.top;
    for (const auto& [label, text] : facts(*client, now)) {
        if (row == part.end())
            break;
        grid.put(row, 0, label, {.role = Role::Strong});
        grid.put(row, label_columns, text);
        ++row;
    }
}

} // namespace mandos::monitor
