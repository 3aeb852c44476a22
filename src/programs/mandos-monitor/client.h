// Client: what the server tells of one client, as the monitor keeps it. A plain value; what it means at a
// time is asked with that time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

// In the order in which they ask for attention.
enum class State {
    Denial,    // somebody waits for an approval, and without one gets nothing
    Approval,  // somebody waits, and without a word gets the secret
    Failed,    // the last checker failed
    Unchecked, // enabled, and no checker has ended yet
    Enabled,
    Disabled,
};

struct Client {
    std::string path; // of its object on the bus: what it is known by
    std::string name; // as the bus has it; for the screen: shown()
    std::string host;
    std::string key_id;
    std::string fingerprint;
    std::string checker;
    bool enabled = false;
    bool checker_running = false;
    bool approval_pending = false;
    bool approved_by_default = true;
    int last_checker_status = -2; // 0 to 255 exit status, -1 ended by a signal, -2 none yet
    Span timeout{};
    Span extended_timeout{};
    Span interval{};
    Span approval_delay{};
    Span approval_duration{};
    std::optional<TimePoint> created;
    std::optional<TimePoint> last_enabled;
    std::optional<TimePoint> last_checked_ok;
    std::optional<TimePoint> last_approval_request;
    std::optional<TimePoint> expires;
    // Who waits for an approval, in the order of asking. The server of 1.8 does not tell.
    std::vector<std::string> peers;

    bool operator==(const Client&) const = default;

    State state() const;
    // Whether something counts down.
    bool counts() const;
    // The time left until it is disabled, or until the approval is decided; 0 when that is over, nullopt if
    // nothing counts down.
    std::optional<Span> left(TimePoint now) const;
    // The same as a part of all the time there was: 1 to 0.
    double part_left(TimePoint now) const;
    // What the list says behind the name: "enabled", "Denial in 0:00:12. (a)pprove?".
    std::string status(TimePoint now) const;
};

// A word for the state, for the filter and the details: "disabled".
std::string state_word(State state);

} // namespace mandos::monitor
