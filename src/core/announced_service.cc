#include "core/announced_service.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "base/duration.h"
#include "core/dns.h"
#include "core/ip_address.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

namespace {

constexpr Duration goodbye_delay = std::chrono::seconds(1); // RFC 6762 §10.1
// Answers to a one-shot query live for 10 s at most (RFC 6762 §6.7), for the sake of those who hear no
// goodbyes; we do hear them. So this is what a host's records have (§10), and nobody makes us ask again and
// again by short lives.
constexpr std::chrono::seconds shortest_life = std::chrono::seconds(120);
constexpr std::chrono::seconds longest_life = std::chrono::minutes(75); // RFC 6762 §10
constexpr int first_question = 80;                                      // per cent of a life
constexpr int question_step = 5;
constexpr int questions_of_life = 4;
constexpr Duration first_missing_interval = std::chrono::seconds(1);
constexpr Duration longest_missing_interval = std::chrono::seconds(60);

} // namespace

AnnouncedService::Life::Life(std::chrono::seconds ttl, Time now)
    : began_(now), ends_(now + std::clamp(ttl, shortest_life, longest_life)) {}

void AnnouncedService::Life::end_soon(Time now) {
    ends_ = std::min(ends_, now + goodbye_delay);
    asked_ = questions_of_life;
}

Time AnnouncedService::Life::next_question() const {
    if (asked_ >= questions_of_life)
        return Time::max();
    return began_ + (ends_ - began_) / 100 * (first_question + asked_ * question_step);
}

bool AnnouncedService::Life::ask(Time now) {
    if (now < next_question())
        return false;
    ++asked_;
    return true;
}

AnnouncedService::AnnouncedService(DnsName instance, std::chrono::seconds ttl, Time now)
    : instance_(std::move(instance)), pointer_(ttl, now), next_missing_(now) {}

void AnnouncedService::heard_pointer(std::chrono::seconds ttl, Time now) {
    if (ttl == std::chrono::seconds::zero())
        pointer_.end_soon(now);
    else
        pointer_ = Life(ttl, now);
}

void AnnouncedService::begin_asking(Time now) {
    next_missing_ = now;
    missing_interval_ = Duration::zero();
}

void AnnouncedService::heard_location(const DnsLocation& location, std::chrono::seconds ttl, Time now) {
    if (ttl == std::chrono::seconds::zero()) {
        if (located_ && located_->location == location)
            located_->life.end_soon(now);
        return;
    }
    if (location.port == 0)
        return;
    if (!located_ || located_->location.host != location.host) {
        addresses_.clear();
        begin_asking(now);
    }
    located_ = {.location = location, .life = Life(ttl, now)};
}

void AnnouncedService::heard_address(const DnsName& host, const IpAddress& address, std::chrono::seconds ttl,
                                     Time now) {
    if (!located_ || located_->location.host != host || !address.is_reachable_host())
        return;
    const auto known = addresses_.find(address);
    if (ttl == std::chrono::seconds::zero()) {
        if (known != addresses_.end())
            known->second.end_soon(now);
    } else if (known != addresses_.end()) {
        known->second = Life(ttl, now);
    } else if (addresses_.size() < limits::addresses_of_service) {
        addresses_.emplace(address, Life(ttl, now));
    }
}

void AnnouncedService::flush_addresses(const DnsName& host, DnsType type, Time now) {
    if (!located_ || located_->location.host != host)
        return;
    for (auto& [address, life] : addresses_)
        if (address.is_ipv4() == (type == DnsType::A) && now - life.began() > goodbye_delay)
            life.end_soon(now);
}

void AnnouncedService::let_go(Time now) {
    const bool was_complete = is_complete();
    std::erase_if(addresses_, [now](const auto& entry) { return entry.second.is_over(now); });
    if (located_ && located_->life.is_over(now)) {
        located_.reset();
        addresses_.clear();
    }
    if (was_complete && !is_complete())
        begin_asking(now);
}

std::vector<AnnouncedService::Place> AnnouncedService::places() const {
    std::vector<Place> places;
    if (!located_)
        return places;
    const DnsLocation& location = located_->location;
    for (const auto& [address, life] : addresses_)
        places.push_back({.address = address,
                          .port = location.port,
                          .priority = location.priority,
                          .weight = location.weight});
    std::ranges::sort(places, {}, [](const Place& place) {
        return std::tuple(place.address.is_ipv4(), !place.address.is_ipv6_link_local(), place.address);
    });
    return places;
}

void AnnouncedService::ask_for_what_is_missing(std::vector<DnsQuestion>& questions, Time now) {
    if (is_complete() || now < next_missing_)
        return;
    missing_interval_ = std::clamp(2 * missing_interval_, first_missing_interval, longest_missing_interval);
    next_missing_ = now + missing_interval_;
    if (!located_) {
        questions.push_back({.name = instance_, .type = DnsType::Srv});
        return;
    }
    questions.push_back({.name = located_->location.host, .type = DnsType::Aaaa});
    questions.push_back({.name = located_->location.host, .type = DnsType::A});
}

std::vector<DnsQuestion> AnnouncedService::questions(Time now) {
    std::vector<DnsQuestion> questions;
    ask_for_what_is_missing(questions, now);
    if (pointer_.ask(now))
        questions.push_back({.name = mandos_service_type(), .type = DnsType::Ptr});
    if (!located_)
        return questions;
    if (located_->life.ask(now))
        questions.push_back({.name = instance_, .type = DnsType::Srv});
    for (const DnsType type : {DnsType::Aaaa, DnsType::A}) {
        bool due = false;
        for (auto& [address, life] : addresses_)
            if (address.is_ipv4() == (type == DnsType::A))
                due = life.ask(now) || due;
        if (due)
            questions.push_back({.name = located_->location.host, .type = type});
    }
    return questions;
}

Time AnnouncedService::next_question() const {
    Time next = pointer_.next_question();
    if (!is_complete())
        next = std::min(next, next_missing_);
    if (located_)
        next = std::min(next, located_->life.next_question());
    for (const auto& [address, life] : addresses_)
        next = std::min(next, life.next_question());
    return next;
}

Time AnnouncedService::next_end() const {
    Time next = pointer_.ends();
    if (located_)
        next = std::min(next, located_->life.ends());
    for (const auto& [address, life] : addresses_)
        next = std::min(next, life.ends());
    return next;
}

} // namespace mandos::core
