// MdnsSchedule: when servers are asked for on one link by one version of IP. The first query goes out at
// once, since a machine waits for its disk; the next after 1 s, and then after twice as long each time, up to
// 60 s (RFC 6762 §5.2 allows no less). One that the kernel would not send does not count: it is tried again
// when something happens to the link, and after 20 ms, doubled up to 1 s. Used by core/discovery.
//
//           | pass(), time has come     | unsent()          | link_came() again
//  ---------+---------------------------+-------------------+--------------------------------------
//  Due      | query; Resting            | -                 | Due at once
//  Resting  | query; Resting, longer    | Due, after a pause| Resting, as after a first query
//
// A link that comes begins as Due; one that is gone takes its schedule with it.
#pragma once

#include "base/duration.h"
#include "core/time.h"

namespace mandos::core {

class MdnsSchedule {
  public:
    // FIRST_INTERVAL: a second, or with jitter up to a quarter more.
    MdnsSchedule(Time now, Duration first_interval) : next_(now), first_interval_(first_interval) {}

    Time next() const { return next_; }
    // Whether a query is to be sent now.
    bool pass(Time now);
    // The query of the last pass() was not sent.
    void unsent(Time now);
    void link_came(Time now);

  private:
    enum class State { Due, Resting };

    State state_ = State::Due;
    Time next_;
    Time last_query_; // while Resting
    Duration first_interval_;
    Duration interval_{}; // to the next query; none sent yet: zero
    Duration pause_{};    // after the last that could not be sent
};

} // namespace mandos::core
