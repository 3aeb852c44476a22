// The view: draws what a model shows into a grid, and nothing else. The same model, time and characters give
// the same grid.
#pragma once

#include "adapters/screen/grid.h"
#include "adapters/screen/screen.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

// A grid of the model's size. Not const: the model sorts its list when it is looked at.
screen::Grid draw(Model& model, TimePoint now, screen::Characters characters);

} // namespace mandos::monitor
