#include "core/plugin_life.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

void PluginLife::wrote(std::size_t bytes, Time now) {
    if (state_ != State::Running && state_ != State::Awaited)
        return;
    bytes_ += bytes;
    if (bytes_ <= limits::password)
        return;
    if (state_ == State::Awaited) {
        fail(Why::TooMuch);
        return;
    }
    state_ = State::Flooded;
    deadline_ = now + limits::plugin_grace;
}

void PluginLife::output_ended() {
    if (state_ == State::Running)
        state_ = State::Silent;
    else if (state_ == State::Awaited)
        complete();
}

void PluginLife::ended(Ended how, Time now) {
    if (state_ == State::Flooded) {
        fail(Why::TooMuch);
        return;
    }
    if (state_ != State::Running && state_ != State::Silent)
        return;
    switch (how) {
    case Ended::Well:
        if (state_ == State::Silent) {
            complete();
        } else {
            state_ = State::Awaited;
            deadline_ = now + limits::plugin_output_held_open;
        }
        break;
    case Ended::ForNow:
        // One that has run for long does not fail in a row.
        if (now - started_ > limits::longest_plugin_pause)
            pause_ = {};
        pause_ = std::clamp<std::chrono::nanoseconds>(2 * pause_, limits::shortest_plugin_pause,
                                                      limits::longest_plugin_pause);
        state_ = State::Waiting;
        deadline_ = now + pause_;
        break;
    case Ended::Badly:
        fail(Why::EndedBadly);
        break;
    }
}

bool PluginLife::time_is_up(Time now) {
    if (!deadline_ || now < *deadline_)
        return false;
    deadline_.reset();
    switch (state_) {
    case State::Awaited:
        fail(Why::OutputHeldOpen);
        return false;
    case State::Flooded:
        return true;
    case State::Waiting:
        state_ = State::Running;
        started_ = now;
        bytes_ = 0;
        return true;
    case State::Running:
    case State::Silent:
    case State::Done:
    case State::Failed:
        return false;
    }
    return false;
}

void PluginLife::fail(Why why) {
    state_ = State::Failed;
    why_ = why;
    deadline_.reset();
}

void PluginLife::complete() {
    if (bytes_ == 0) {
        fail(Why::NoPassword);
        return;
    }
    state_ = State::Done;
    deadline_.reset();
}

} // namespace mandos::core
