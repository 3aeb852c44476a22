#include "core/discovery.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/announced_service.h"
#include "core/dns.h"
#include "core/ip_address.h"
#include "core/limits.h"
#include "core/mdns_gate.h"
#include "core/mdns_schedule.h"
#include "core/time.h"

namespace mandos::core {

namespace {

using Family = Discovery::Family;

constexpr std::array families{Family::V6, Family::V4};
constexpr Duration first_interval = std::chrono::seconds(1);
// Between two queries that complete what was heard; the first goes out at once.
constexpr Duration complete_interval = std::chrono::milliseconds(100);

std::size_t index_of(Family family) {
    return family == Family::V6 ? 0 : 1;
}

Family family_of(const IpAddress& address) {
    return address.is_ipv4() ? Family::V4 : Family::V6;
}

bool is_instance(const DnsName& name) {
    const auto parent = name.parent();
    return parent && *parent == mandos_service_type();
}

void hear_locations(auto& services, std::span<const DnsRecord> records, Time now) {
    for (const DnsRecord& record : records) {
        const auto* location = std::get_if<DnsLocation>(&record.data);
        if (location == nullptr)
            continue;
        const auto known = services.find(record.name);
        if (known != services.end())
            known->second.service.heard_location(*location, record.ttl, now);
    }
}

void hear_addresses(auto& services, std::span<const DnsRecord> records, Time now) {
    std::vector<const DnsRecord*> addresses;
    for (const DnsRecord& record : records)
        if (std::holds_alternative<IpAddress>(record.data))
            addresses.push_back(&record);
    // The best first, so that a limit cuts off the others.
    std::ranges::sort(addresses, {}, [](const DnsRecord* record) {
        const auto& address = std::get<IpAddress>(record->data);
        return std::tuple(address.is_ipv4(), !address.is_ipv6_link_local(), record);
    });
    for (auto& [instance, known] : services) {
        for (const DnsRecord* record : addresses)
            known.service.heard_address(record->name, std::get<IpAddress>(record->data), record->ttl, now);
        for (const DnsRecord* record : addresses) {
            const bool is_ipv4 = std::get<IpAddress>(record->data).is_ipv4();
            if (record->cache_flush && record->ttl > std::chrono::seconds::zero())
                known.service.flush_addresses(record->name, is_ipv4 ? DnsType::A : DnsType::Aaaa, now);
        }
    }
}

} // namespace

Result<Discovery::Actions> Discovery::link_came(std::uint32_t link, Time now, Jitter jitter) {
    check(jitter.thousandths <= 1000, "jitter is a part of the whole");
    const auto known = links_.find(link);
    if (known != links_.end()) {
        for (Asking& asking : known->second.asking)
            asking.schedule.link_came(now);
        return pass(now);
    }
    if (links_.size() >= limits::mdns_links)
        return fail(ErrorKind::Exhausted, "servers are looked for on {} network interfaces, and on no more",
                    links_.size());
    const MdnsSchedule schedule(now, first_interval + first_interval * jitter.thousandths / 4000);
    links_.emplace(
        link, Link{.asking = {Asking{.schedule = schedule}, Asking{.schedule = schedule}}, .announcers = {}});
    return pass(now);
}

Discovery::Actions Discovery::link_gone(std::uint32_t link) {
    Actions actions;
    gate_.link_gone(link);
    const auto gone = links_.extract(link);
    if (gone.empty())
        return actions;
    for (const auto& [address, services] : gone.mapped().announcers)
        for (const auto& [instance, known] : services)
            for (const auto& [place, id] : known.reported)
                actions.emplace_back(Gone{.id = id});
    return actions;
}

void Discovery::hear_pointers(Link& link, const MdnsOrigin& origin, std::span<const DnsRecord> records,
                              Time now) {
    const std::size_t most_announcers = origin.path == MdnsOrigin::Path::Answer
                                            ? limits::announcers_of_link
                                            : limits::announcers_of_link - limits::answerers_of_link;
    std::size_t services = 0;
    for (const auto& [address, its] : link.announcers)
        services += its.size();
    for (const DnsRecord& record : records) {
        const auto* pointer = std::get_if<DnsPointer>(&record.data);
        if (pointer == nullptr || record.name != mandos_service_type() || !is_instance(pointer->target))
            continue;
        auto announcer = link.announcers.find(origin.source);
        if (announcer != link.announcers.end()) {
            const auto known = announcer->second.find(pointer->target);
            if (known != announcer->second.end()) {
                known->second.service.heard_pointer(record.ttl, now);
                continue;
            }
        }
        if (record.ttl == std::chrono::seconds::zero())
            continue;
        if (announcer == link.announcers.end()) {
            if (link.announcers.size() >= most_announcers)
                return;
            announcer = link.announcers.emplace(origin.source, Services{}).first;
        }
        if (announcer->second.empty()
            || (announcer->second.size() < limits::services_of_announcer
                && services < limits::services_of_link)) {
            ++services;
            announcer->second.emplace(
                pointer->target,
                Known{.service = AnnouncedService(pointer->target, record.ttl, now), .reported = {}});
        }
    }
}

Discovery::Actions Discovery::heard(const MdnsOrigin& origin, std::span<const DnsRecord> records, Time now) {
    Actions actions;
    const auto link = links_.find(origin.link);
    if (link == links_.end())
        return actions;
    hear_pointers(link->second, origin, records, now);
    const auto announcer = link->second.announcers.find(origin.source);
    if (announcer == link->second.announcers.end())
        return actions;
    hear_locations(announcer->second, records, now);
    hear_addresses(announcer->second, records, now);
    for (auto& [instance, known] : announcer->second)
        report({.link = origin.link, .address = origin.source}, instance, known, actions);
    complete(origin.link, link->second, family_of(origin.source), now, actions);
    return actions;
}

// Tells what changed since the last report.
void Discovery::report(const Announcer& announcer, const DnsName& instance, Known& known, Actions& actions) {
    const auto places = known.service.places();
    std::erase_if(known.reported, [&](const auto& reported) {
        if (std::ranges::find(places, reported.first) != places.end())
            return false;
        actions.emplace_back(Gone{.id = reported.second});
        return true;
    });
    for (const AnnouncedService::Place& place : places) {
        if (std::ranges::any_of(known.reported,
                                [&](const auto& reported) { return reported.first == place; }))
            continue;
        const auto id = Id{++last_id_};
        known.reported.emplace_back(place, id);
        actions.emplace_back(
            Found{.id = id,
                  .server = {.instance = instance,
                             .announcer = announcer,
                             .place = place,
                             .scope = place.address.is_ipv6_link_local() ? announcer.link : 0}});
    }
}

// Asks for what is missing or soon over: in one query for one service of each announcer, the longest due
// first, so that no announcer's incomplete services keep those of another waiting.
void Discovery::complete(std::uint32_t index, Link& link, Family family, Time now, Actions& actions) {
    Asking& asking = link.asking.at(index_of(family));
    if (now < asking.may_complete)
        return;
    std::vector<std::pair<Time, AnnouncedService*>> due;
    for (auto& [address, services] : link.announcers) {
        if (family_of(address) != family || services.empty())
            continue;
        auto& [instance, known] = *std::ranges::min_element(
            services, {}, [](const auto& entry) { return entry.second.service.next_question(); });
        if (known.service.next_question() <= now)
            due.emplace_back(known.service.next_question(), &known.service);
    }
    if (due.empty())
        return;
    std::ranges::sort(due);
    std::vector<DnsQuestion> questions;
    for (const auto& [since, service] : due) {
        if (questions.size() + limits::questions_of_service > limits::dns_questions)
            break;
        for (DnsQuestion& question : service->questions(now))
            if (std::ranges::find(questions, question) == questions.end())
                questions.push_back(std::move(question));
    }
    asking.may_complete = now + complete_interval;
    actions.emplace_back(Query{
        .link = index, .family = family, .purpose = Purpose::Complete, .questions = std::move(questions)});
}

void Discovery::let_go(std::uint32_t index, Link& link, Time now, Actions& actions) {
    for (auto& [address, services] : link.announcers) {
        const Announcer announcer{.link = index, .address = address};
        std::erase_if(services, [&actions, now](const auto& entry) {
            const Known& known = entry.second;
            if (!known.service.is_over(now))
                return false;
            for (const auto& [place, id] : known.reported)
                actions.emplace_back(Gone{.id = id});
            return true;
        });
        for (auto& [instance, known] : services) {
            known.service.let_go(now);
            report(announcer, instance, known, actions);
        }
    }
    std::erase_if(link.announcers, [](const auto& announcer) { return announcer.second.empty(); });
}

void Discovery::unsent(const Query& query, Time now) {
    const auto link = links_.find(query.link);
    if (link != links_.end() && query.purpose == Purpose::Search)
        link->second.asking.at(index_of(query.family)).schedule.unsent(now);
}

Discovery::Actions Discovery::pass(Time now) {
    Actions actions;
    for (auto& [index, link] : links_) {
        for (const Family family : families)
            if (link.asking.at(index_of(family)).schedule.pass(now))
                actions.emplace_back(Query{.link = index,
                                           .family = family,
                                           .purpose = Purpose::Search,
                                           .questions = {{mandos_service_type(), DnsType::Ptr}}});
        let_go(index, link, now, actions);
        for (const Family family : families)
            complete(index, link, family, now, actions);
    }
    return actions;
}

std::optional<Time> Discovery::next() const {
    std::optional<Time> next;
    const auto consider = [&next](Time time) { next = next ? std::min(*next, time) : time; };
    for (const auto& [index, link] : links_) {
        for (const Asking& asking : link.asking)
            consider(asking.schedule.next());
        for (const auto& [address, services] : link.announcers) {
            const Time may_complete = link.asking.at(index_of(family_of(address))).may_complete;
            for (const auto& [instance, known] : services) {
                consider(known.service.next_end());
                const Time question = known.service.next_question();
                if (question != Time::max())
                    consider(std::max(question, may_complete));
            }
        }
    }
    return next;
}

} // namespace mandos::core
