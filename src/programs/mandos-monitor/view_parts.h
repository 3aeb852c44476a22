// The larger parts of the screen, each drawn into its own rows; view.cc puts them together.
#pragma once

#include "adapters/screen/grid.h"
#include "adapters/screen/screen.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

void draw_list(screen::Grid& grid, const Layout::Part& part, Model& model, TimePoint now,
               screen::Characters characters);
// All that is known about the selected client.
void draw_details(screen::Grid& grid, const Layout::Part& part, Model& model, TimePoint now);
void draw_log(screen::Grid& grid, const Layout::Part& part, const Model& model);

} // namespace mandos::monitor
