// Implements client.h.
#include "programs/mandos-monitor/client.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

State Client::state() const {
    constexpr int none_yet = -2;
    // The order is that of 1.8: whoever is disabled is asked about by nobody.
    if (!enabled)
        return State::Disabled;
    if (approval_pending)
        return approved_by_default ? State::Approval : State::Denial;
    if (last_checker_status == none_yet)
        return State::Unchecked;
    return last_checker_status == 0 ? State::Enabled : State::Failed;
}

bool Client::counts() const {
    switch (state()) {
    case State::Denial:
    case State::Approval:
        return last_approval_request.has_value();
    case State::Failed:
    case State::Unchecked:
    case State::Enabled:
        return expires.has_value();
    case State::Disabled:
        return false;
    }
    return false;
}

std::optional<Span> Client::left(TimePoint now) const {
    if (!counts())
        return std::nullopt;
    const bool asked = state() == State::Denial || state() == State::Approval;
    const TimePoint end = asked ? *last_approval_request + approval_delay : *expires;
    return std::max(end - now, Span{});
}

double Client::part_left(TimePoint now) const {
    const Span remaining = left(now).value_or(Span{});
    const bool asked = state() == State::Denial || state() == State::Approval;
    Span whole = asked ? approval_delay : timeout;
    if (!asked && remaining > whole)
        whole = extended_timeout; // it has just got its secret
    if (whole <= Span{})
        return 0;
    return std::min(1.0, static_cast<double>(remaining.count()) / static_cast<double>(whole.count()));
}

std::string Client::status(TimePoint now) const {
    const std::string clock = countdown(left(now).value_or(Span{}));
    switch (state()) {
    case State::Denial:
        return fmt::format("Denial in {}. (a)pprove?", clock);
    case State::Approval:
        return fmt::format("Approval in {}. (d)eny?", clock);
    case State::Failed:
        return fmt::format("A checker has failed! Time until client gets disabled: {}", clock);
    case State::Unchecked:
        return "enabled, not checked yet";
    case State::Enabled:
        return "enabled";
    case State::Disabled:
        return "DISABLED";
    }
    return {};
}

std::string state_word(State state) {
    switch (state) {
    case State::Denial:
    case State::Approval:
        return "pending";
    case State::Failed:
        return "failed";
    case State::Unchecked:
        return "unchecked";
    case State::Enabled:
        return "enabled";
    case State::Disabled:
        return "disabled";
    }
    return {};
}

} // namespace mandos::monitor
