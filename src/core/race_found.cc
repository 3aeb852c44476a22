// Race: candidates that are found, and who gives way where there are too many: the end of section 3 of
// race.h.
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/check.h"
#include "core/race.h"
#include "core/time.h"

namespace mandos::core {

bool Race::knows(const Announcer& announcer, const std::string& place) const {
    return found_.contains(Place{.announcer = announcer, .place = place});
}

std::optional<Race::Candidate> Race::found(const Announcer& announcer, const std::string& place, Time now) {
    if (is_over())
        return std::nullopt;
    const Place at{.announcer = announcer, .place = place};
    if (const auto known = found_.find(at); known != found_.end()) {
        Entry& entry = entries_.at(known->second);
        if (entry.state == State::Away && entry.forget <= now)
            entry.failures = 0;
        entry.state = goes_on(entry) ? State::Trying : State::Waiting;
        return known->second;
    }
    if (!make_room(announcer, now))
        return std::nullopt;
    const auto candidate = Candidate{added_++};
    Record& record = announcers_.at(announcer);
    ++record.candidates;
    entries_.emplace(candidate, Entry{.at = at, .record = &record, .next = now});
    found_.emplace(at, candidate);
    return candidate;
}

// For one more candidate of ANNOUNCER, which has a record then.
bool Race::make_room(const Announcer& announcer, Time now) {
    const auto known = announcers_.find(announcer);
    if (known != announcers_.end())
        return known->second.candidates < settings_.announcer_candidates || give_way(announcer, now);
    Link& link = links_[announcer.link];
    if (link.new_announcers >= settings_.new_announcers)
        return false;
    ++link.new_announcers;
    announcers_.emplace(announcer, Record{.link = &link, .heard = ++heard_});
    return true;
}

// Those that are away give way first, then those that failed most often, then the younger ones.
bool Race::give_way(const Announcer& announcer, Time now) {
    const auto rank = [this, now](Candidate candidate) {
        const Entry& entry = entries_.at(candidate);
        const bool away = entry.state == State::Away;
        return std::tuple(away && entry.forget <= now, away, entry.failures, candidate);
    };
    std::optional<Candidate> last;
    for (auto it = found_.lower_bound({.announcer = announcer, .place = {}});
         it != found_.end() && it->first.announcer == announcer; ++it) {
        const Entry& entry = entries_.at(it->second);
        if (!goes_on(entry) && entry.failures > 0 && (!last || rank(it->second) > rank(*last)))
            last = it->second;
    }
    if (!last)
        return false;
    forget(*last);
    return true;
}

void Race::had_first_turn(const Announcer& announcer) {
    Record& record = announcers_.at(announcer);
    check(record.first_turn == 0, "an announcer is new once");
    record.first_turn = begun_;
    Link& link = *record.link;
    --link.new_announcers;
    ++link.known_announcers;
    if (link.known_announcers > settings_.known_announcers)
        forget_youngest(announcer.link, announcer);
}

// So those that were there before a flood began stay. Nobody is forgotten while all are being tried; their
// number has its own limit.
void Race::forget_youngest(std::uint32_t link, const Announcer& except) {
    const Announcer* youngest = nullptr;
    const Record* record = nullptr;
    for (const auto& [announcer, its] : announcers_) {
        if (announcer.link != link || announcer == except || its.first_turn == 0 || its.tries > 0)
            continue;
        if (record == nullptr || its.first_turn > record->first_turn) {
            youngest = &announcer;
            record = &its;
        }
    }
    if (youngest == nullptr)
        return;
    std::vector<Candidate> candidates;
    for (auto it = found_.lower_bound({.announcer = *youngest, .place = {}});
         it != found_.end() && it->first.announcer == *youngest; ++it)
        candidates.push_back(it->second);
    for (const Candidate candidate : candidates)
        forget(candidate);
}

// With its last candidate an announcer is forgotten too.
void Race::forget(Candidate candidate) {
    const Place at = *entries_.at(candidate).at;
    found_.erase(at);
    entries_.erase(candidate);
    const auto announcer = announcers_.find(at.announcer);
    if (--announcer->second.candidates > 0)
        return;
    Link& link = *announcer->second.link;
    --(announcer->second.first_turn == 0 ? link.new_announcers : link.known_announcers);
    announcers_.erase(announcer);
}

} // namespace mandos::core
