// The loop of mandos-monitor: one thread that waits for the keyboard, the bus and signals, and draws. It
// wakes up when something happens, and each second while a countdown is seen; it draws at most 20 times a
// second.
#pragma once

#include "adapters/screen/screen.h"
#include "base/error.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/server.h"
#include "programs/mandos-monitor/signals.h"

namespace mandos::monitor {

// Runs until the person quits (0), or a signal ends it (128 + its number). PeerClosed: the terminal went
// away.
Result<int> watch(Model& model, Server& server, screen::Screen& screen, const Signals& signals,
                  screen::Characters characters);

// The time, for the log and the countdowns.
TimePoint wall_clock();

} // namespace mandos::monitor
