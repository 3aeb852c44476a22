// Announcements of those who are up to no good, and of good servers among them.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/numbers.h"
#include "core/discovery.h"
#include "core/dns.h"
#include "core/limits.h"
#include "tests/unit/core/discovery_case.h"

namespace mandos::core {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Story = std::vector<std::string>;

class HostileDiscovery : public DiscoveryCase {
  protected:
    // How many places are there by whom.
    std::map<IpAddress, std::size_t> by_announcer() const {
        std::map<IpAddress, std::size_t> result;
        for (const auto& [id, server] : there)
            ++result[server.announcer.address];
        return result;
    }
};

} // namespace

TEST_F(HostileDiscovery, TakesNothingBackForAnother) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    DnsRecord flush = address("server", ipv6(0x20, 1, 66));
    flush.cache_flush = true;
    hear(link_local(66), {pointer("Mandos", goodbye), location("Mandos", "server", 4711, goodbye),
                          address("server", link_local(1), goodbye), flush});
    hear(link_local(66), {location("Mandos", "elsewhere", 666)});
    wait(seconds(5));
    EXPECT_TRUE(take_story().empty());
}

TEST_F(HostileDiscovery, PutsTheWordsOfTwoNeverTogether) {
    hear(link_local(1), {pointer("Mandos"), location("Mandos", "server")});
    hear(link_local(66), {address("server", link_local(66))});
    EXPECT_TRUE(take_story().empty());
    hear(link_local(1), {address("server", link_local(1))});
    EXPECT_EQ(take_story(), Story{"found Mandos fe80::1 4711"});
}

TEST_F(HostileDiscovery, TakesNoPlaceThatIsNone) {
    hear(link_local(66),
         {pointer("a"), location("a", "h", 0), pointer("b"), location("b", "h"), //
          address("h", ipv4(127, 0, 0, 1)), address("h", ipv4(224, 0, 0, 1)), address("h", ipv4(0, 0, 0, 0)),
          address("h", ipv6(0, 0, 1)), address("h", ipv6(0xff, 2, 1)), address("h", IpAddress{})});
    EXPECT_TRUE(take_story().empty());
}

TEST_F(HostileDiscovery, TakesNoServiceOfAnotherKind) {
    const auto point_to = [](const DnsName& name, const DnsName& target) {
        return DnsRecord{.name = name, .data = DnsPointer{.target = target}, .ttl = life};
    };
    hear(link_local(66),
         {point_to(mandos_service_type(), mandos_service_type()), point_to(mandos_service_type(), {}),
          point_to(mandos_service_type(), {"x", "_http", "_tcp", "local"}),
          point_to(mandos_service_type(), {"x", "y", "_mandos", "_tcp", "local"}),
          point_to(mandos_service_type(), {"_tcp", "local"}),
          point_to({"_http", "_tcp", "local"}, instance("Mandos"))});
    EXPECT_TRUE(take_questions().empty());
    hear(link_local(66),
         {location("Mandos", "server"), address("server", link_local(66))}); // without a pointer
    EXPECT_TRUE(take_story().empty());
}

TEST_F(HostileDiscovery, SurvivesThousandsOfServicesOfOneAnnouncer) {
    for (int i = 0; i < 2000; ++i)
        hear(link_local(66), server("Mandos #" + std::to_string(i), "h", link_local(66)));
    EXPECT_EQ(there.size(), limits::services_of_announcer);
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    EXPECT_EQ(story.back(), "found Mandos fe80::1 4711");
    const auto found = by_announcer();
    EXPECT_EQ(found.at(link_local(1)), 1);
}

TEST_F(HostileDiscovery, SurvivesThousandsOfAddressesOfOneService) {
    hear(link_local(66), {pointer("Mandos"), location("Mandos", "h")});
    for (unsigned i = 1; i < 2000; ++i)
        hear(link_local(66), {address("h", ipv6(0x20, 1, i))});
    EXPECT_EQ(there.size(), limits::addresses_of_service);
}

TEST_F(HostileDiscovery, KeepsTheBestAddressesWhereThereAreTooMany) {
    std::vector<DnsRecord> records{pointer("Mandos"), location("Mandos", "server")};
    for (unsigned i = 1; i < 100; ++i)
        records.push_back(address("server", ipv4(192, 0, 2, i)));
    records.push_back(address("server", link_local(1)));
    hear(link_local(1), records);
    EXPECT_EQ(story.front(), "found Mandos fe80::1 4711");
}

TEST_F(HostileDiscovery, KeepsWhoIsInWhenSourcesAreForged) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take(*discovery.link_came(3, now, {}));
    for (unsigned host = 100; host < 5000; ++host)
        hear(link_local(host), server("Mandos", "h", link_local(host)));
    EXPECT_EQ(there.size(), limits::announcers_of_link);
    EXPECT_EQ(by_announcer().at(link_local(1)), 1);
    // Other links have their own limit.
    hear(link_local(1), server("Mandos", "server", link_local(1)), 3);
    EXPECT_EQ(by_announcer().at(link_local(1)), 2);
    // And there is room again when those who are not heard any more are over.
    wait(seconds(121));
    EXPECT_TRUE(there.empty());
    hear(link_local(9000), server("Mandos", "server", link_local(1)));
    EXPECT_EQ(there.size(), 1);
}

TEST_F(HostileDiscovery, LetsNoForgedAnnouncementsTakeThePlaceOfWhoAnswers) {
    for (unsigned host = 100; host < 5000; ++host)
        hear(link_local(host), server("Mandos", "h", link_local(host)), link, Path::Announcement);
    EXPECT_EQ(there.size(), limits::announcers_of_link - limits::answerers_of_link);
    hear(link_local(1), server("Mandos", "server", link_local(1)), link, Path::Announcement);
    EXPECT_FALSE(by_announcer().contains(link_local(1)));
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    EXPECT_TRUE(by_announcer().contains(link_local(1)));
}

TEST_F(HostileDiscovery, AsksNoMoreThanTenTimesASecondWhateverIsLeftOut) {
    for (unsigned host = 0; host < 60; ++host)
        for (int i = 0; i < 20; ++i)
            hear(link_local(100 + host), {pointer(std::to_string(i))});
    queries.clear();
    wait(seconds(10));
    std::size_t asked = 0;
    for (const auto& [time, query] : queries) {
        EXPECT_LE(query.questions.size(), limits::dns_questions);
        asked += query.purpose == Discovery::Purpose::Complete ? 1 : 0;
    }
    EXPECT_LE(asked, 101);
    EXPECT_GE(asked, 50);
}

TEST_F(HostileDiscovery, AsksForAGoodServersRecordsSoonAllTheSame) {
    for (unsigned host = 0; host < 60; ++host)
        for (int i = 0; i < 20; ++i)
            hear(link_local(100 + host), {pointer(std::to_string(i))});
    wait(seconds(3));
    hear(link_local(1), {pointer("Mandos")});
    queries.clear();
    wait(seconds(1));
    const auto questions = take_questions();
    EXPECT_NE(std::ranges::find(questions, "SRV Mandos._mandos._tcp.local"), questions.end());
}

TEST_F(HostileDiscovery, IsNotKeptBusyByShortLives) {
    wait(std::chrono::minutes(5));
    queries.clear();
    for (int i = 0; i < 100; ++i) {
        hear(link_local(66), {pointer("Mandos", seconds(1)), location("Mandos", "h", 4711, seconds(1)),
                              address("h", link_local(66), seconds(1))});
        wait(milliseconds(100));
    }
    EXPECT_TRUE(take_questions().empty());
    EXPECT_EQ(take_story(), Story{"found Mandos fe80::42 4711"});
}

TEST_F(HostileDiscovery, BelievesNoEndlessLife) {
    hear(link_local(66),
         {pointer("Mandos", seconds(0x7fffffff)), location("Mandos", "h", 4711, seconds(0x7fffffff)),
          address("h", link_local(66), seconds(0x7fffffff))});
    wait(std::chrono::minutes(75));
    EXPECT_TRUE(there.empty());
}

// Random announcers, most of them hostile, and one good server that answers what it is asked: it is found,
// and never gone while it answers; nothing goes over a limit; there is always an end of what passes.
TEST_F(HostileDiscovery, KeepsAGoodServerThroughWhateverOthersSay) {
    const char* given = std::getenv("MANDOS_TEST_SEED"); // NOLINT(concurrency-mt-unsafe): one thread
    const auto seed = given != nullptr ? parse_number<unsigned>(given).value_or(0) : std::random_device{}();
    std::cout << "MANDOS_TEST_SEED=" << seed << '\n';
    std::mt19937 random(seed);
    const auto draw = [&random](unsigned below) {
        return std::uniform_int_distribution<unsigned>(0, below - 1)(random);
    };
    const std::vector<std::string> names{"Mandos", "mandos", "Mandos #2", "x.y", std::string("\0\1", 2)};
    const std::vector<std::string> hosts{"server", "SERVER", "other"};
    const std::vector<seconds> lives{goodbye, seconds(1), life, seconds(4500), seconds(0x7fffffff)};
    const auto record = [&]() -> DnsRecord {
        const auto ttl = lives.at(draw(5));
        DnsRecord result = pointer(names.at(draw(5)), ttl);
        if (const auto kind = draw(3); kind == 1)
            result = location(names.at(draw(5)), hosts.at(draw(3)), static_cast<std::uint16_t>(draw(3)), ttl);
        else if (kind == 2)
            result = address(hosts.at(draw(3)),
                             draw(2) == 0 ? link_local(draw(20)) : ipv4(192, 0, 2, draw(20)), ttl);
        result.cache_flush = draw(2) == 0;
        return result;
    };
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    const auto good = there.begin()->first;
    for (int step = 0; step < 4000; ++step) {
        std::vector<DnsRecord> records;
        for (unsigned i = draw(12); i > 0; --i)
            records.push_back(record());
        hear(link_local(2 + draw(100)), records);
        if (draw(10) == 0)
            wait(milliseconds(draw(3000)));
        for (const auto& [time, query] : std::exchange(queries, {}))
            if (query.family == Discovery::Family::V6)
                hear(link_local(1), server("Mandos", "server", link_local(1)));
        ASSERT_TRUE(there.contains(good)) << "step " << step;
        const auto found = by_announcer();
        ASSERT_LE(found.size(), limits::announcers_of_link);
        for (const auto& [announcer, places] : found)
            ASSERT_LE(places, limits::services_of_announcer * limits::addresses_of_service);
        story.clear();
    }
    take(discovery.link_gone(link));
    EXPECT_TRUE(there.empty());
    EXPECT_FALSE(discovery.next());
}

} // namespace mandos::core
