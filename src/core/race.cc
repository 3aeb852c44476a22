#include "core/race.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/duration.h"
#include "core/time.h"

namespace mandos::core {

Race::Race(const Settings& settings) : settings_(settings) {
    check(settings.shortest_retry > Duration::zero(), "a retry takes time");
    check(settings.shortest_stagger > Duration::zero() && settings.shortest_stagger <= settings.stagger,
          "the shortest stagger is a stagger");
}

Race::Candidate Race::add(Time now) {
    const auto candidate = Candidate{added_++};
    entries_.emplace(candidate, Entry{.at = std::nullopt, .next = now});
    return candidate;
}

void Race::remove(Candidate candidate) {
    if (is_over())
        return;
    const auto entry = entries_.find(candidate);
    check(entry != entries_.end() && !entry->second.at, "a candidate that is removed is there and was given");
    switch (entry->second.state) {
    case State::Waiting:
        entries_.erase(entry);
        break;
    case State::Trying:
    case State::Leaving:
        entry->second.state = State::Leaving;
        break;
    case State::Parting:
    case State::Away:
        check(false, "only found candidates part or are away");
    }
}

void Race::gone(const Announcer& announcer, const std::string& place, Time now) {
    if (is_over())
        return;
    const auto known = found_.find(Place{.announcer = announcer, .place = place});
    if (known == found_.end())
        return;
    Entry& entry = entries_.at(known->second);
    switch (entry.state) {
    case State::Waiting:
        entry.state = entry.tries == 0 ? State::Parting : State::Away;
        entry.forget = now + settings_.gone_server_memory;
        break;
    case State::Trying:
        entry.state = State::Leaving;
        break;
    case State::Parting:
    case State::Leaving:
    case State::Away:
        break;
    }
}

void Race::network_changed(Time now) {
    for (auto& [candidate, entry] : entries_) {
        if (!waits(entry))
            continue;
        const Time soonest = entry.tries == 0 ? now : std::max(now, entry.begun + settings_.shortest_retry);
        entry.next = std::min(entry.next, soonest);
    }
}

Race::Entry& Race::tried(Candidate candidate) {
    const auto entry = entries_.find(candidate);
    check(entry != entries_.end() && goes_on(entry->second), "a try that ends has begun and ended only once");
    return entry->second;
}

Duration Race::back_off(unsigned failures, Jitter jitter) const {
    check(jitter.thousandths <= 1000, "jitter is a part of the whole");
    const Duration limit = std::max(settings_.longest_retry, settings_.shortest_retry);
    Duration duration = std::min(settings_.first_retry, limit);
    for (unsigned doubled = 1; doubled < failures && duration < limit; ++doubled)
        duration = std::min(limit, duration * 2);
    duration -= duration * jitter.thousandths / 4000;
    return std::max(duration, settings_.shortest_retry);
}

std::optional<Duration> Race::wait(Candidate candidate, Time now, Duration duration) {
    Entry& entry = entries_.at(candidate);
    if (last_ == candidate)
        last_.reset();
    entry.hold = Hold::Undisturbed;
    if (entry.at) {
        --found_tries_;
        --entry.record->tries;
    } else {
        --given_tries_;
    }
    entry.next = now + duration;
    if (entry.state == State::Trying) {
        entry.state = State::Waiting;
        return duration;
    }
    if (entry.at) {
        entry.state = State::Away;
        entry.forget = now + settings_.gone_server_memory;
    } else {
        entries_.erase(candidate);
    }
    return std::nullopt;
}

std::optional<Duration> Race::failed(Candidate candidate, Time now, Jitter jitter) {
    if (is_over())
        return std::nullopt;
    Entry& entry = tried(candidate);
    ++entry.failures;
    return wait(candidate, now, back_off(entry.failures, jitter));
}

std::optional<Duration> Race::rested(Candidate candidate, Time now) {
    if (is_over())
        return std::nullopt;
    tried(candidate).failures = 0;
    return wait(candidate, now, std::max(settings_.longest_retry, settings_.shortest_retry));
}

bool Race::answered(Candidate candidate) {
    if (is_over())
        return false;
    (void)tried(candidate);
    winner_ = candidate;
    return true;
}

} // namespace mandos::core
