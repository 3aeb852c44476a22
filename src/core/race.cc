#include "core/race.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/duration.h"
#include "core/time.h"

namespace mandos::core {

Race::Race(const Settings& settings) : settings_(settings) {
    check(settings.shortest_retry > Duration::zero(), "a retry takes time");
}

Race::Candidate Race::add(Time now) {
    const auto candidate = Candidate{added_++};
    entries_.emplace(candidate, Entry{.next = now});
    return candidate;
}

void Race::remove(Candidate candidate) {
    if (is_over())
        return;
    const auto entry = entries_.find(candidate);
    check(entry != entries_.end(), "a candidate that is removed is there");
    switch (entry->second.state) {
    case State::Waiting:
        entries_.erase(entry);
        break;
    case State::Trying:
    case State::Leaving:
        entry->second.state = State::Leaving;
        break;
    }
}

// Those never tried come before all others, so that no number of failing candidates keeps a new one waiting.
const std::pair<const Race::Candidate, Race::Entry>* Race::first_waiting() const {
    const auto order = [](const auto& entry) {
        const auto& [candidate, value] = entry;
        return std::tuple(value.state != State::Waiting, value.tries > 0, value.next, candidate);
    };
    const auto first = std::ranges::min_element(entries_, {}, order);
    if (first == entries_.end() || first->second.state != State::Waiting)
        return nullptr;
    return &*first;
}

std::optional<Time> Race::next_begin() const {
    const auto* first = first_waiting();
    if (is_over() || first == nullptr)
        return std::nullopt;
    if (being_tried_ == 0)
        return first->second.next;
    return std::max(first->second.next, last_begin_ + settings_.stagger);
}

std::optional<Race::Candidate> Race::begin_next(Time now) {
    const auto next = next_begin();
    if (!next || *next > now)
        return std::nullopt;
    const Candidate candidate = first_waiting()->first;
    Entry& entry = entries_.at(candidate);
    entry.state = State::Trying;
    ++entry.tries;
    ++being_tried_;
    last_begin_ = now;
    return candidate;
}

Race::Entry& Race::tried(Candidate candidate) {
    const auto entry = entries_.find(candidate);
    check(entry != entries_.end() && entry->second.state != State::Waiting,
          "a try that ends has begun and ended only once");
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
    --being_tried_;
    Entry& entry = entries_.at(candidate);
    if (entry.state == State::Leaving) {
        entries_.erase(candidate);
        return std::nullopt;
    }
    entry.state = State::Waiting;
    entry.next = now + duration;
    return duration;
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
