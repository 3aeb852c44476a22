#include "core/discovery.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/dns.h"
#include "core/limits.h"
#include "tests/unit/core/discovery_case.h"

namespace mandos::core {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Purpose = Discovery::Purpose;
using Story = std::vector<std::string>;

class DiscoveryTest : public DiscoveryCase {};

} // namespace

TEST_F(DiscoveryTest, AsksByBothVersionsOfIpAtOnce) {
    ASSERT_EQ(queries.size(), 2);
    EXPECT_EQ(queries[0].second.family, Discovery::Family::V6);
    EXPECT_EQ(queries[1].second.family, Discovery::Family::V4);
    EXPECT_EQ(queries[0].second.link, link);
    EXPECT_EQ(take_questions(Purpose::Search), Story(2, "PTR _mandos._tcp.local"));
    wait(minutes(2));
    EXPECT_EQ(queries.size(), 2 * 6); // at 1, 3, 7, 15, 31 and 63 s
}

TEST_F(DiscoveryTest, DrawsTheIntervalsOut) {
    take(*discovery.link_came(3, now, {.thousandths = 1000}));
    queries.clear();
    wait(milliseconds(1249));
    EXPECT_EQ(queries.size(), 2);
    wait(milliseconds(1));
    EXPECT_EQ(queries.size(), 4);
}

TEST_F(DiscoveryTest, FindsAServerInOneMessageWhateverItsOrder) {
    hear(link_local(1), {address("server", link_local(1)), location("Mandos", "server"), pointer("Mandos")});
    EXPECT_EQ(take_story(), Story{"found Mandos fe80::1 4711"});
    EXPECT_TRUE(take_questions().empty());
    const Discovery::Server& found = there.begin()->second;
    EXPECT_EQ(found.instance, instance("Mandos"));
    EXPECT_EQ(found.scope, link);
    EXPECT_EQ(found.announcer, (Discovery::Announcer{.link = link, .address = link_local(1)}));
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    EXPECT_TRUE(take_story().empty()); // nothing new
}

TEST_F(DiscoveryTest, GivesNoScopeToOtherAddresses) {
    hear(link_local(1), server("Mandos", "server", ipv6(0xfd, 0, 1)));
    EXPECT_EQ(there.begin()->second.scope, 0);
}

TEST_F(DiscoveryTest, TellsAddressesInOrderOfPreference) {
    hear(link_local(1),
         {pointer("Mandos"), location("Mandos", "server"), address("server", ipv4(192, 0, 2, 1)),
          address("server", ipv6(0x20, 1, 1)), address("server", link_local(1))});
    EXPECT_EQ(take_story(), (Story{"found Mandos fe80::1 4711", "found Mandos 2001::1 4711",
                                   "found Mandos 192.0.2.1 4711"}));
}

TEST_F(DiscoveryTest, AsksForWhatAnAnswerLeftOut) {
    hear(link_local(1), {pointer("Mandos")});
    EXPECT_EQ(take_questions(), Story{"SRV Mandos._mandos._tcp.local"});
    wait(milliseconds(200));
    hear(link_local(1), {location("Mandos", "server")});
    EXPECT_EQ(take_questions(), (Story{"AAAA server.local", "A server.local"}));
    EXPECT_TRUE(take_story().empty());
    hear(link_local(1), {address("server", ipv4(192, 0, 2, 1))});
    EXPECT_EQ(take_story(), Story{"found Mandos 192.0.2.1 4711"});
    EXPECT_TRUE(take_questions().empty());
}

TEST_F(DiscoveryTest, AsksForItAgainMoreAndMoreSeldom) {
    hear(link_local(1), {pointer("Mandos", minutes(75))});
    queries.clear();
    wait(seconds(31));
    EXPECT_EQ(take_questions(), Story(5, "SRV Mandos._mandos._tcp.local")); // at 1, 3, 7, 15 and 31 s
}

TEST_F(DiscoveryTest, ForgetsWhoSaysGoodbyeAfterASecond) { // RFC 6762 §10.1
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    hear(link_local(1), {pointer("Mandos", goodbye)});
    wait(milliseconds(999));
    EXPECT_TRUE(take_story().empty());
    wait(milliseconds(1));
    EXPECT_EQ(take_story(), Story{"gone Mandos fe80::1 4711"});
}

TEST_F(DiscoveryTest, KeepsWhoComesBackWithinThatSecond) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    hear(link_local(1), {pointer("Mandos", goodbye), location("Mandos", "server", 4711, goodbye),
                         address("server", link_local(1), goodbye)});
    wait(milliseconds(900));
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    wait(seconds(60));
    EXPECT_TRUE(take_story().empty());
}

TEST_F(DiscoveryTest, FindsWhoIsBackAfterAGoodbye) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    hear(link_local(1), {pointer("Mandos", goodbye)});
    wait(seconds(2));
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    EXPECT_EQ(take_story(),
              (Story{"found Mandos fe80::1 4711", "gone Mandos fe80::1 4711", "found Mandos fe80::1 4711"}));
}

TEST_F(DiscoveryTest, TakesUpANewPortAtOnce) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    hear(link_local(1), {location("Mandos", "server", 4712)});
    EXPECT_EQ(take_story(),
              (Story{"found Mandos fe80::1 4711", "gone Mandos fe80::1 4711", "found Mandos fe80::1 4712"}));
    hear(link_local(1), {location("Mandos", "server", 4711, goodbye)}); // of the one before: too late
    wait(seconds(2));
    EXPECT_TRUE(take_story().empty());
    hear(link_local(1), {location("Mandos", "server", 4712, goodbye)});
    wait(seconds(2));
    EXPECT_EQ(take_story(), Story{"gone Mandos fe80::1 4712"});
}

TEST_F(DiscoveryTest, AsksForTheAddressesOfANewHost) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    hear(link_local(1), {location("Mandos", "other")});
    EXPECT_EQ(take_story(), Story{"gone Mandos fe80::1 4711"});
    EXPECT_EQ(take_questions(), (Story{"AAAA other.local", "A other.local"}));
}

TEST_F(DiscoveryTest, LetsGoWhatACacheFlushReplaces) { // RFC 6762 §10.2
    hear(link_local(1), {pointer("Mandos"), location("Mandos", "server"), address("server", ipv6(0x20, 1, 1)),
                         address("server", ipv4(192, 0, 2, 1))});
    take_story();
    wait(seconds(5));
    DnsRecord only = address("server", ipv6(0x20, 1, 2));
    only.cache_flush = true;
    hear(link_local(1), {only});
    EXPECT_EQ(take_story(), Story{"found Mandos 2001::2 4711"});
    wait(seconds(1));
    EXPECT_EQ(take_story(), Story{"gone Mandos 2001::1 4711"}); // the A record is of another kind
}

TEST_F(DiscoveryTest, KeepsWhatCameWithinTheSecondBeforeACacheFlush) {
    hear(link_local(1), server("Mandos", "server", ipv6(0x20, 1, 1)));
    wait(milliseconds(900)); // the next message of the same announcement
    DnsRecord other = address("server", ipv6(0x20, 1, 2));
    other.cache_flush = true;
    hear(link_local(1), {other});
    take_story();
    wait(seconds(2));
    EXPECT_TRUE(take_story().empty());
}

TEST_F(DiscoveryTest, AsksBeforeRecordsAreOverAndLetsThemGoThen) { // RFC 6762 §5.2
    wait(minutes(5));                                              // the searches are seldom by now
    const Time heard = now;
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    queries.clear();
    wait(milliseconds(119'999));
    EXPECT_TRUE(take_story().empty());
    std::vector<long> asked;
    for (const auto& [time, query] : queries)
        if (query.purpose == Purpose::Complete) {
            EXPECT_EQ(query.questions.size(), 3) << "PTR, SRV, AAAA";
            asked.push_back(std::chrono::duration_cast<seconds>(time - heard).count());
        }
    EXPECT_EQ(asked, (std::vector<long>{96, 102, 108, 114}));
    wait(milliseconds(1));
    EXPECT_EQ(take_story(), Story{"gone Mandos fe80::1 4711"});
    EXPECT_TRUE(there.empty());
}

TEST_F(DiscoveryTest, LetsAnswersToASimpleQueryLiveLonger) { // RFC 6762 §6.7: their TTL is 10 s
    hear(link_local(1), {pointer("Mandos", seconds(10)), location("Mandos", "server", 4711, seconds(10)),
                         address("server", link_local(1), seconds(10))});
    take_story();
    wait(seconds(119));
    EXPECT_TRUE(take_story().empty());
}

TEST_F(DiscoveryTest, KeepsAServerThatAnswersTheSearches) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    for (int i = 0; i < 100; ++i) {
        wait(seconds(60));
        hear(link_local(1), server("Mandos", "server", link_local(1)));
    }
    EXPECT_TRUE(take_story().empty());
    EXPECT_TRUE(take_questions().empty()); // the searches were enough
}

TEST_F(DiscoveryTest, ForgetsAllOfALinkThatGoes) {
    take(*discovery.link_came(3, now, {}));
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    hear(link_local(1), server("Mandos", "server", link_local(1)), 3);
    take_story();
    take(discovery.link_gone(link));
    EXPECT_EQ(take_story(), Story{"gone Mandos fe80::1 4711"});
    EXPECT_EQ(there.begin()->second.scope, 3);
    take(discovery.link_gone(link)); // it is gone
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    EXPECT_TRUE(take_story().empty());
    take(discovery.link_gone(3));
    EXPECT_FALSE(discovery.next());
}

TEST_F(DiscoveryTest, AsksAnewOnALinkThatComesAgain) {
    wait(minutes(3));
    queries.clear();
    take(*discovery.link_came(link, now, {}));
    EXPECT_EQ(take_questions(Purpose::Search).size(), 2);
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    take_story();
    take(*discovery.link_came(link, now, {}));
    EXPECT_TRUE(take_questions(Purpose::Search).empty()); // not within a second
    wait(seconds(1));
    EXPECT_EQ(take_questions(Purpose::Search).size(), 2);
    EXPECT_TRUE(take_story().empty());
}

TEST_F(DiscoveryTest, SendsAgainWhatCouldNotBeSent) {
    const auto sent = queries;
    discovery.unsent(sent.at(0).second, now);
    queries.clear();
    wait(milliseconds(19));
    EXPECT_TRUE(queries.empty());
    wait(milliseconds(1));
    ASSERT_EQ(queries.size(), 1);
    EXPECT_EQ(queries[0].second.family, Discovery::Family::V6);
}

TEST_F(DiscoveryTest, FindsTwoServersOfOneAnnouncerAndOneOfTwo) {
    hear(link_local(1), server("Mandos", "server", link_local(1)));
    hear(link_local(1), server("Mandos #2", "server", link_local(1)));
    hear(link_local(2), server("Mandos", "server", link_local(2)));
    EXPECT_EQ(take_story(), (Story{"found Mandos fe80::1 4711", "found Mandos #2 fe80::1 4711",
                                   "found Mandos fe80::2 4711"}));
}

TEST_F(DiscoveryTest, LooksOnSoManyLinksAndOnNoMore) {
    for (std::uint32_t index = 3; index < 2 + limits::mdns_links; ++index)
        ASSERT_TRUE(discovery.link_came(index, now, {}));
    const auto refused = discovery.link_came(100, now, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text(), "servers are looked for on 32 network interfaces, and on no more");
    ASSERT_TRUE(discovery.link_came(link, now, {})); // is there already
    take(discovery.link_gone(link));
    EXPECT_TRUE(discovery.link_came(100, now, {}));
}

} // namespace mandos::core
