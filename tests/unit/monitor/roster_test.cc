#include "programs/mandos-monitor/roster.h"

#include <chrono>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/monitor/sample.h"

namespace mandos::monitor {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(Roster& roster) {
    std::vector<std::string> list;
    for (const Client* const client : roster.rows())
        list.push_back(client->name);
    return list;
}

std::string selected(Roster& roster) {
    const Client* const client = roster.selected();
    return client == nullptr ? "nobody" : client->name;
}

void fill(Roster& roster, const std::vector<std::string>& clients) {
    for (const std::string& name : clients)
        roster.put(sample_client(name));
}

TEST(Roster, IsEmptyWithoutClients) {
    Roster roster;
    roster.remove("/clients/nobody");
    roster.select_row(3);
    EXPECT_THAT(names(roster), IsEmpty());
    EXPECT_EQ(selected(roster), "nobody");
    EXPECT_EQ(roster.first_row(10), 0U);
    EXPECT_FALSE(roster.counts());
}

TEST(Roster, SortsByNameAndPutsPendingApprovalsFirst) {
    Roster roster;
    fill(roster, {"c", "a", "b"});
    EXPECT_THAT(names(roster), ElementsAre("a", "b", "c"));
    roster.put(pending(sample_client("c")));
    EXPECT_THAT(names(roster), ElementsAre("c", "a", "b"));
    EXPECT_EQ(roster.pending(), 1U);
    roster.put(sample_client("c"));
    EXPECT_THAT(names(roster), ElementsAre("a", "b", "c"));
    EXPECT_EQ(roster.pending(), 0U);
}

TEST(Roster, SortsByTheTimeLeft) {
    Roster roster;
    roster.set_order(Order::Expiry);
    fill(roster, {"a", "b", "c"});
    roster.put(disabled(sample_client("a")));
    Client soon = sample_client("c");
    soon.expires = noon + seconds(1);
    roster.put(soon);
    EXPECT_THAT(names(roster), ElementsAre("c", "b", "a"));
    soon.expires = noon + seconds(1000);
    roster.put(soon);
    EXPECT_THAT(names(roster), ElementsAre("b", "c", "a"));
}

TEST(Roster, SortsByState) {
    Roster roster;
    roster.set_order(Order::State);
    fill(roster, {"a", "b", "c", "d"});
    roster.put(disabled(sample_client("a")));
    Client failed = sample_client("c");
    failed.last_checker_status = 2;
    roster.put(failed);
    Client unchecked = sample_client("d");
    unchecked.last_checker_status = -2;
    roster.put(unchecked);
    EXPECT_THAT(names(roster), ElementsAre("c", "d", "b", "a"));
}

TEST(Roster, ShowsOnlyWhatMatchesTheFilter) {
    Roster roster;
    fill(roster, {"web1", "WEB2", "mail"});
    roster.put(disabled(sample_client("mail")));
    roster.set_filter("Web");
    EXPECT_THAT(names(roster), ElementsAre("WEB2", "web1"));
    roster.set_filter("disabled");
    EXPECT_THAT(names(roster), ElementsAre("mail"));
    roster.set_filter("host.example");
    EXPECT_EQ(names(roster).size(), 3U);
    roster.set_filter("zzz");
    EXPECT_EQ(selected(roster), "nobody");
    roster.set_filter("");
    EXPECT_EQ(names(roster).size(), 3U);
}

TEST(Roster, KeepsTheSelectionWithItsClient) {
    Roster roster;
    fill(roster, {"b", "d", "f"});
    roster.select_row(1);
    EXPECT_EQ(selected(roster), "d");
    fill(roster, {"a", "c"});
    EXPECT_EQ(selected(roster), "d");
    roster.put(pending(sample_client("f")));
    EXPECT_EQ(selected(roster), "d");
    EXPECT_EQ(roster.selected_row(), 4U);
}

TEST(Roster, SelectsTheNextWhenTheSelectedIsGone) {
    Roster roster;
    fill(roster, {"a", "b", "c"});
    roster.select_row(1);
    roster.remove("/clients/b");
    EXPECT_EQ(selected(roster), "c");
    roster.remove("/clients/c");
    EXPECT_EQ(selected(roster), "a");
    roster.remove("/clients/a");
    EXPECT_EQ(selected(roster), "nobody");
}

TEST(Roster, KeepsTheSelectionWhenOneBeforeItGoes) {
    Roster roster;
    fill(roster, {"a", "b", "c"});
    roster.select_row(2);
    roster.remove("/clients/a");
    EXPECT_EQ(selected(roster), "c");
}

TEST(Roster, SelectsAgainWhoComesBackAfterTheServerDoes) {
    Roster roster;
    fill(roster, {"a", "b", "c"});
    roster.select_row(1);
    for (const char* path : {"/clients/a", "/clients/b", "/clients/c"})
        roster.remove(path);
    fill(roster, {"a", "b", "c"});
    EXPECT_EQ(selected(roster), "b");
    roster.clear();
    EXPECT_EQ(selected(roster), "nobody");
    fill(roster, {"a", "b", "c"});
    EXPECT_EQ(selected(roster), "b");
}

TEST(Roster, ScrollsNoMoreThanItMust) {
    Roster roster;
    for (int i = 0; i < 100; ++i)
        roster.put(sample_client(fmt::format("c{:03}", i)));
    EXPECT_EQ(roster.first_row(10), 0U);
    roster.select_row(9);
    EXPECT_EQ(roster.first_row(10), 0U);
    roster.select_row(10);
    EXPECT_EQ(roster.first_row(10), 1U);
    roster.select_row(5);
    EXPECT_EQ(roster.first_row(10), 1U);
    roster.select_row(0);
    EXPECT_EQ(roster.first_row(10), 0U);
    roster.select_row(1000);
    EXPECT_EQ(roster.first_row(10), 90U);
    EXPECT_EQ(roster.first_row(200), 0U) << "a higher screen shows all";
    EXPECT_EQ(roster.first_row(1), 99U);
}

TEST(Roster, KnowsWhetherSomethingCounts) {
    Roster roster;
    roster.put(disabled(sample_client("a")));
    EXPECT_FALSE(roster.counts());
    roster.put(sample_client("a"));
    roster.put(sample_client("b"));
    EXPECT_TRUE(roster.counts());
    roster.remove("/clients/a");
    EXPECT_TRUE(roster.counts());
    roster.remove("/clients/b");
    EXPECT_FALSE(roster.counts());
}

// A server that stops removes one client after the other; one that starts tells of each.
TEST(Roster, TakesAndLosesTenThousandClientsAtOnce) {
    constexpr int many = 10'000;
    Roster roster;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < many; ++i)
        roster.put(sample_client(fmt::format("client{}", i)));
    EXPECT_EQ(roster.rows().size(), 10'000U);
    for (int i = 0; i < many; ++i) {
        roster.remove(fmt::format("/clients/client{}", i));
        (void)roster.rows();
    }
    EXPECT_EQ(roster.size(), 0U);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(20)) << "nothing sorts for each client";
}

} // namespace
} // namespace mandos::monitor
