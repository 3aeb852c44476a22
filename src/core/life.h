// Life: whether a client is thought to be where it should be, and what is known of that. The rules by which
// it changes are server.h's.
//
// An enabled client lives until `expires`, which each sign of life moves; who is not heard of until then is
// disabled, and only an administrator's act enables it again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/duration.h"
#include "core/client.h"
#include "core/time.h"

namespace mandos::core {

// What the time that a client has left is measured by.
enum class Allowance : std::uint8_t {
    Timeout,  // since it was last seen, or enabled
    Extended, // since it got its secret: it restarts now, which takes longer
};

// A deadline on both clocks: the first decides while the machine runs, the second after it has restarted.
struct Deadline {
    Time boot;
    WallTime wall;

    bool operator==(const Deadline&) const = default;
};

enum class Decision : std::uint8_t { Approve, Deny };

constexpr int no_check_yet = -2;  // as a checker's status
constexpr int check_crashed = -1; // ended by a signal, or without having run at all

struct Life {
    bool enabled = false;
    Allowance allowance = Allowance::Timeout;
    Deadline expires; // while enabled

    // What an administrator has decided for the rest of approval_duration.
    std::optional<Decision> decision;
    Deadline decision_ends;

    std::optional<WallTime> created;
    std::optional<WallTime> last_enabled;
    std::optional<WallTime> last_checked_ok;
    std::optional<WallTime> last_approval_request;
    int last_checker_status = no_check_yet; // 0 to 255, check_crashed or no_check_yet
};

// DURATION as time that can be added up on the core's clocks: not negative, and no longer than
// limits::time_span.
Duration countable(Duration duration);

// What DURATION after NOW is on both clocks.
Deadline deadline_after(Duration duration, Now now);

// How long a client of these settings lives by ALLOWANCE.
Duration length(Allowance allowance, const ClientSettings& settings);

} // namespace mandos::core
