// Implements view_parts.h: the log.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/screen/grid.h"
#include "programs/mandos-monitor/log.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/view_parts.h"

namespace mandos::monitor {

using screen::Focus;
using screen::Grid;
using screen::Role;

namespace {

// The text with every place that has what is searched for marked.
void put_line(Grid& grid, int row, std::string_view text, std::string_view wanted) {
    int column = 0;
    std::size_t written = 0;
    for (std::size_t at = find_text(text, wanted); at != std::string_view::npos;
         at = find_text(text, wanted, at + wanted.size())) {
        column = grid.put(row, column, text.substr(written, at - written));
        column = grid.put(row, column, text.substr(at, wanted.size()), {.role = Role::Match});
        written = at + wanted.size();
    }
    grid.put(row, column, text.substr(written));
}

} // namespace

void draw_log(Grid& grid, const Layout::Part& part, const Model& model) {
    const Log& log = model.lines();
    if (part.rows <= 0 || log.lines().empty())
        return;
    // From the bottom up; what is seen of the topmost line is its end.
    int row = part.end();
    const int columns = std::max(grid.size().columns, 1);
    for (std::size_t line = log.bottom() + 1; line-- > 0 && row > part.top;) {
        const std::string text = log.lines()[line].whole();
        const std::vector<std::string_view> pieces =
            log.wrap() == Wrap::On ? screen::wrapped(text, columns) : std::vector<std::string_view>{text};
        for (std::size_t piece = pieces.size(); piece-- > 0 && row > part.top;) {
            --row;
            put_line(grid, row, pieces[piece], log.wanted());
            if (line == log.bottom() && model.pane() == Pane::Log)
                grid.focus_row(row, Focus::On);
        }
    }
}

} // namespace mandos::monitor
