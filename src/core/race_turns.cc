// Race: whose turn it is, when it begins and what holds a slot: sections 1 to 3 of race.h.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "core/race.h"
#include "core/time.h"

namespace mandos::core {

namespace {

std::size_t index(Race::Lane lane) {
    return static_cast<std::size_t>(lane);
}

} // namespace

bool Race::waits(const Entry& entry) {
    return entry.state == State::Waiting || entry.state == State::Parting;
}

bool Race::goes_on(const Entry& entry) {
    return entry.state == State::Trying || entry.state == State::Leaving;
}

bool Race::can_be_hung_up(const Entry& entry) {
    return entry.at && goes_on(entry) && entry.hold == Hold::Undisturbed;
}

Race::Lane Race::lane_of(const Entry& entry) {
    if (entry.record == nullptr)
        return Lane::Given;
    return entry.record->first_turn == 0 ? Lane::New : Lane::Known;
}

Race::Rank Race::rank_of(Candidate candidate, const Entry& entry) {
    Rank rank{.tried = entry.tries > 0 ? 1U : 0U, .next = entry.next, .candidate = candidate};
    switch (lane_of(entry)) {
    case Lane::Given:
        break;
    case Lane::New:
        rank.link = entry.record->link->new_turn;
        rank.announcer = entry.record->heard;
        break;
    case Lane::Known:
        rank.link = entry.record->link->known_turn;
        rank.announcer = entry.record->last_turn;
        break;
    }
    return rank;
}

bool Race::has_slot(const Entry& entry) const {
    if (entry.record == nullptr)
        return given_tries_ < settings_.given_tries;
    return found_tries_ < settings_.found_tries && entry.record->tries < settings_.announcer_tries;
}

// Those who wait for their first turn.
std::size_t Race::line() const {
    std::size_t line = fresh_given_;
    for (const auto& [number, link] : links_)
        line += link.new_announcers;
    return line;
}

std::chrono::microseconds Race::stagger() const {
    const std::chrono::microseconds whole = settings_.stagger;
    return std::max(whole / static_cast<std::int64_t>(std::max(line() + in_line_, std::size_t{2}) - 1),
                    settings_.shortest_stagger);
}

std::array<Time, 3> Race::paces() const {
    if (begun_ == 0)
        return {Time::min(), Time::min(), Time::min()};
    if (last_) {
        const Time next = last_begin_ + stagger();
        return {next, next, next};
    }
    const Time found = last_begin_ + std::min<std::chrono::microseconds>(stagger(), settings_.shortest_try);
    return {Time::min(), found, found};
}

std::array<std::optional<Race::Candidate>, 3> Race::first_of_each(Time now) const {
    const auto pace = paces();
    std::array<std::optional<Rank>, 3> first;
    for (const auto& [candidate, entry] : entries_) {
        if (!waits(entry) || entry.next > now || !has_slot(entry))
            continue;
        const std::size_t lane = index(lane_of(entry));
        if (pace.at(lane) > now)
            continue;
        const Rank rank = rank_of(candidate, entry);
        if (!first.at(lane) || rank < *first.at(lane))
            first.at(lane) = rank;
    }
    std::array<std::optional<Candidate>, 3> candidates;
    for (std::size_t lane = 0; lane < first.size(); ++lane) {
        if (first.at(lane))
            candidates.at(lane) = first.at(lane)->candidate;
    }
    return candidates;
}

std::optional<Race::Candidate> Race::begin_next(Time now) {
    if (is_over())
        return std::nullopt;
    const auto first = first_of_each(now);
    for (std::size_t passed = 0; passed < turns.size(); ++passed) {
        const std::size_t turn = (next_lane_ + passed) % turns.size();
        const auto candidate = first.at(index(turns.at(turn)));
        if (!candidate)
            continue;
        next_lane_ = (turn + 1) % turns.size();
        begin(*candidate, now);
        return candidate;
    }
    return std::nullopt;
}

void Race::begin(Candidate candidate, Time now) {
    Entry& entry = entries_.at(candidate);
    const Lane lane = lane_of(entry);
    entry.state = entry.state == State::Parting ? State::Leaving : State::Trying;
    entry.begun = now;
    if (lane == Lane::Given && entry.tries == 0)
        --fresh_given_;
    ++entry.tries;
    ++begun_;
    last_ = candidate;
    last_begin_ = now;
    if (lane == Lane::Given) {
        ++given_tries_;
        count_in_line();
        return;
    }
    ++found_tries_;
    Record& record = *entry.record;
    (lane == Lane::New ? record.link->new_turn : record.link->known_turn) = begun_;
    ++record.tries;
    record.last_turn = begun_;
    if (lane == Lane::New)
        had_first_turn(entry.at->announcer);
    count_in_line();
}

// A try began. With nobody left to wait, whoever comes next has only that one before it.
void Race::count_in_line() {
    in_line_ = line() == 0 ? 1 : in_line_ + 1;
}

bool Race::wants_slot() const {
    return found_tries_ >= settings_.found_tries
           && std::ranges::any_of(links_, [](const auto& link) { return link.second.new_announcers > 0; });
}

std::optional<Race::Candidate> Race::hang_up_next(Time now) {
    const auto next = next_hang_up();
    if (is_over() || !next || *next > now)
        return std::nullopt;
    Entries::value_type* youngest = nullptr;
    for (auto& value : entries_) {
        const Entry& entry = value.second;
        if (!can_be_hung_up(entry) || entry.begun + settings_.undisturbed_try > now)
            continue;
        if (youngest == nullptr || entry.begun > youngest->second.begun)
            youngest = &value;
    }
    check(youngest != nullptr, "next_hang_up() keeps its word");
    youngest->second.hold = Hold::HungUp;
    last_hang_up_ = now;
    return youngest->first;
}

std::optional<Time> Race::next_hang_up() const {
    if (!wants_slot())
        return std::nullopt;
    std::optional<Time> first;
    for (const auto& [candidate, entry] : entries_) {
        if (can_be_hung_up(entry) && (!first || entry.begun < *first))
            first = entry.begun;
    }
    if (!first)
        return std::nullopt;
    const Time undisturbed = *first + settings_.undisturbed_try;
    return last_hang_up_ == Time::min() ? undisturbed
                                        : std::max(undisturbed, last_hang_up_ + settings_.shortest_try);
}

std::optional<Time> Race::next_turn() const {
    if (is_over())
        return std::nullopt;
    const auto pace = paces();
    std::optional<Time> next = next_hang_up();
    for (const auto& [candidate, entry] : entries_) {
        if (!waits(entry) || !has_slot(entry))
            continue;
        const Time begin = std::max(entry.next, pace.at(index(lane_of(entry))));
        if (!next || begin < *next)
            next = begin;
    }
    return next;
}

} // namespace mandos::core
