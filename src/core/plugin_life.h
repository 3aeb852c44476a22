// The life of one plugin: from its start to a password, or to its failure, or to another start. It has given
// a password when its output has ended, is not empty, is not larger than a password may be, and the plugin
// has ended with status 0, in whichever order the two came.
//
//     state       | output   too much  ended    ended    ended      its time
//                 | ended    of it     with 0   with 75  otherwise  is up
//     ------------+---------------------------------------------------------------
//     Running     | Silent   Flooded   Awaited  Waiting  Failed     -
//     Silent      | -        -         Done     Waiting  Failed     -
//     Awaited     | Done     Failed    -        -        -          Failed
//     Flooded     | -        -         Failed   Failed   Failed     Flooded: killed
//     Waiting     | -        -         -        -        -          Running: started again
//     Done Failed | -        -         -        -        -          -
//
// Silent: it has closed its output and lives. Awaited: it has ended, and something that it left running has
// its output open; that is waited for for a moment, since it may be about to end. Flooded: it is asked to
// end, and killed if it does not. Waiting: it said that it failed for now (EX_TEMPFAIL, sysexits(3)); the
// waits between its starts grow. What is not in the table changes nothing.
// Used by plugin-runner for each plugin; it does what the state says.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/time.h"

namespace mandos::core {

class PluginLife {
  public:
    enum class State : std::uint8_t { Running, Silent, Awaited, Flooded, Waiting, Done, Failed };
    enum class Ended : std::uint8_t { Well, ForNow, Badly };
    enum class Why : std::uint8_t { EndedBadly, NoPassword, TooMuch, OutputHeldOpen }; // it failed

    // It has been started.
    explicit PluginLife(Time now) : started_(now) {}

    State state() const { return state_; }
    // Only when it failed.
    Why why() const { return why_; }
    // When time_is_up() is to be called; nothing: never, as it is.
    std::optional<Time> deadline() const { return deadline_; }

    // BYTES of output came.
    void wrote(std::size_t bytes, Time now);
    void output_ended();
    void ended(Ended how, Time now);
    // True: the process has to be killed (Flooded) or started anew (Running again).
    bool time_is_up(Time now);

  private:
    void fail(Why why);
    void complete();

    State state_ = State::Running;
    Why why_ = Why::EndedBadly;
    std::size_t bytes_ = 0;
    Time started_;
    std::optional<Time> deadline_;
    std::chrono::nanoseconds pause_{}; // before its last start
};

} // namespace mandos::core
