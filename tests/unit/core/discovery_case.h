// A Discovery with one link, and what it wants done, for tests of it. Times are counted from its beginning.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "core/discovery.h"
#include "core/dns.h"
#include "core/ip_address.h"
#include "core/mdns_gate.h"
#include "core/time.h"

namespace mandos::core {

inline IpAddress ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return IpAddress::from_v4({static_cast<std::byte>(a), static_cast<std::byte>(b),
                               static_cast<std::byte>(c), static_cast<std::byte>(d)});
}

inline IpAddress ipv6(unsigned first, unsigned second, unsigned last) {
    IpAddress address;
    address.bytes[0] = static_cast<std::byte>(first);
    address.bytes[1] = static_cast<std::byte>(second);
    address.bytes[14] = static_cast<std::byte>(last >> 8U & 0xffU);
    address.bytes[15] = static_cast<std::byte>(last & 0xffU);
    return address;
}

inline IpAddress link_local(unsigned last) {
    return ipv6(0xfe, 0x80, last);
}

inline DnsName instance(std::string_view name) {
    return {name, "_mandos", "_tcp", "local"};
}

class DiscoveryCase : public testing::Test {
  protected:
    static constexpr std::uint32_t link = 2;
    static constexpr std::chrono::seconds life{120};
    static constexpr std::chrono::seconds goodbye{0};

    static DnsRecord pointer(std::string_view name, std::chrono::seconds ttl = life) {
        return {.name = mandos_service_type(), .data = DnsPointer{.target = instance(name)}, .ttl = ttl};
    }
    static DnsRecord location(std::string_view name, std::string_view host, std::uint16_t port = 4711,
                              std::chrono::seconds ttl = life) {
        return {.name = instance(name),
                .data = DnsLocation{.priority = 0, .weight = 0, .port = port, .host = DnsName{host, "local"}},
                .ttl = ttl};
    }
    static DnsRecord address(std::string_view host, const IpAddress& address,
                             std::chrono::seconds ttl = life) {
        return {.name = DnsName{host, "local"}, .data = address, .ttl = ttl};
    }
    // All there is to say of a server.
    static std::vector<DnsRecord> server(std::string_view name, std::string_view host, const IpAddress& at) {
        return {pointer(name), location(name, host), address(host, at)};
    }

    void SetUp() override { take(*discovery.link_came(link, now, {})); }

    using Path = MdnsOrigin::Path;
    void hear(const IpAddress& source, const std::vector<DnsRecord>& records, std::uint32_t by = link,
              Path path = Path::Answer) {
        take(discovery.heard({.link = by, .source = source, .port = 5353, .hop_limit = 255, .path = path},
                             records, now));
    }
    // Lets time pass, and everything happen that is due in it.
    void wait(std::chrono::milliseconds time) {
        const Time end = now + time;
        while (discovery.next() && *discovery.next() <= end) {
            now = std::max(now, *discovery.next());
            take(discovery.pass(now));
        }
        now = end;
    }

    void take(const Discovery::Actions& actions) {
        for (const auto& action : actions) {
            if (const auto* query = std::get_if<Discovery::Query>(&action)) {
                queries.emplace_back(now, *query);
            } else if (const auto* one = std::get_if<Discovery::Found>(&action)) {
                EXPECT_TRUE(there.emplace(one->id, one->server).second);
                story.push_back("found " + text(one->server));
            } else {
                const auto id = std::get<Discovery::Gone>(action).id;
                ASSERT_TRUE(there.contains(id));
                story.push_back("gone " + text(there.at(id)));
                there.erase(id);
            }
        }
    }

    // "Mandos fe80::1 4711".
    static std::string text(const Discovery::Server& server) {
        return std::string(server.instance.labels().at(0)) + " " + server.place.address.text() + " "
               + std::to_string(server.place.port);
    }
    std::vector<std::string> take_story() { return std::exchange(story, {}); }
    // The questions of the queries since the last call, "PTR _mandos._tcp.local".
    std::vector<std::string> take_questions(Discovery::Purpose purpose = Discovery::Purpose::Complete) {
        std::vector<std::string> questions;
        for (const auto& [time, query] : std::exchange(queries, {}))
            if (query.purpose == purpose)
                for (const DnsQuestion& question : query.questions)
                    questions.push_back(text(question.type) + " " + question.name.text());
        return questions;
    }
    static std::string text(DnsType type) {
        switch (type) {
        case DnsType::A:
            return "A";
        case DnsType::Aaaa:
            return "AAAA";
        case DnsType::Ptr:
            return "PTR";
        case DnsType::Srv:
            return "SRV";
        }
        return {};
    }

    Discovery discovery;
    Time now = Time(std::chrono::hours(1));
    std::map<Discovery::Id, Discovery::Server> there;
    std::vector<std::string> story;
    std::vector<std::pair<Time, Discovery::Query>> queries;
};

} // namespace mandos::core
