// Implements view.h: the screen as a whole. The list is in view_list.cc, the log in view_log.cc.
#include "programs/mandos-monitor/view.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include <fmt/core.h>

#include "adapters/screen/grid.h"
#include "adapters/screen/screen.h"
#include "base/version.h"
#include "programs/mandos-monitor/command.h"
#include "programs/mandos-monitor/log.h"
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

void draw_title(Grid& grid, const Layout::Part& part, Model& model) {
    if (part.rows == 0)
        return;
    Roster& roster = model.roster();
    const std::size_t shown_rows = roster.rows().size();
    std::string right = shown_rows == roster.size() ? "" : fmt::format("{} of ", shown_rows);
    right += fmt::format("{} {}", roster.size(), roster.size() == 1 ? "client" : "clients");
    if (roster.pending() > 0)
        right = fmt::format("{} waiting, {}", roster.pending(), right);
    right += fmt::format(", by {}", order_word(roster.order()));
    if (!roster.filter().empty())
        right += fmt::format(", filter: {}", roster.filter());
    const int columns = grid.size().columns;
    const int right_column = std::max(columns - screen::width_of(right), 0);
    const int column =
        grid.put(part.top, 0, "Mandos: " + model.connection(), {.role = Role::Title}, right_column - 1);
    if (model.lockdown() == Model::Lockdown::On)
        grid.put(part.top, column, "  LOCKDOWN", {.role = Role::Alarm}, right_column - column - 1);
    grid.put(part.top, right_column, right, {.role = roster.pending() > 0 ? Role::Warning : Role::Faint});
}

void draw_line(Grid& grid, const Layout::Part& part, Characters characters, const std::string& text) {
    if (part.rows == 0)
        return;
    grid.fill_row(part.top, characters == Characters::Unicode ? U'─' : U'_', {.role = Role::Faint});
    if (!text.empty())
        grid.put(part.top, 2, " " + text + " ", {.role = Role::Strong});
}

void draw_footer(Grid& grid, const Layout::Part& part, const Model& model) {
    if (part.rows == 0)
        return;
    if (const auto& prompt = model.prompt()) {
        const std::string label = prompt->pane == Pane::List ? "Filter: " : "Search: ";
        const int column = grid.put(part.top, 0, label + prompt->text, {.role = Role::Strong});
        grid.put(part.top, column, " ", {.focus = Focus::On}); // the cursor
        return;
    }
    if (!model.notice().empty()) {
        grid.put(part.top, 0, model.notice(), {.role = Role::Warning});
        return;
    }
    grid.put(part.top, 0,
             model.pane() == Pane::List
                 ? "q quit  ? help  / filter  o order  Enter details  a approve  d deny  + enable  - disable"
                 : "q quit  ? help  / search  n older  N newer  w wrap  v verbose  Tab list",
             {.role = Role::Faint});
}

void draw_help(Grid& grid, const Model& model) {
    const auto table = bindings();
    const int rows = grid.size().rows;
    for (int row = 0; row < rows; ++row)
        grid.fill_row(row, U' ');
    grid.put(0, 0, fmt::format("mandos-monitor {}: keys (? ends this help)", version()),
             {.role = Role::Title});
    constexpr int help_column = 22;
    const std::size_t room = static_cast<std::size_t>(std::max(rows - 1, 1));
    const std::size_t last_top = table.size() > room ? table.size() - room : 0;
    std::size_t binding = std::min(model.help_top(), last_top);
    for (int row = 1; row < rows && binding < table.size(); ++row, ++binding) {
        grid.put(row, 1, table[binding].key_text, {.role = Role::Strong});
        grid.put(row, help_column, table[binding].help);
    }
}

} // namespace

Grid draw(Model& model, TimePoint now, Characters characters) {
    Grid grid(model.size());
    if (model.help() == Shown::Yes) {
        draw_help(grid, model);
        return grid;
    }
    const Layout parts = model.layout();
    draw_title(grid, parts.title, model);
    draw_list(grid, parts.list, model, now, characters);
    draw_line(grid, parts.details_line, characters, "");
    draw_details(grid, parts.details, model, now);
    const Log& log = model.lines();
    draw_line(grid, parts.log_line, characters,
              log.back() > 0 ? fmt::format("newer lines below: {}", log.back()) : std::string());
    draw_log(grid, parts.log, model);
    draw_footer(grid, parts.footer, model);
    return grid;
}

} // namespace mandos::monitor
