// What comes out of the store: nobody is more trusted after a crash, a power cut or a restart than before.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/actions.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/events.h"
#include "core/life.h"
#include "core/server.h"
#include "core/stored.h"
#include "core/time.h"
#include "tests/support/core_driver.h"

using namespace mandos::core;    // NOLINT(google-build-using-namespace): it is what is tested
using namespace mandos::support; // NOLINT(google-build-using-namespace): and what it is tested with
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

// How a server ends and starts again, with the same clients in its configuration unless others are given.
struct Restart {
    Time::duration after = minutes(1);
    bool clean = false;
    bool same_boot = true;
    Time::duration clock_is_ahead = seconds(0);
    std::optional<std::vector<ClientSettings>> configured = {};
};

Driver restarted(Driver& before, const Restart& how) {
    std::vector<ClientSettings> same;
    for (const auto& [id, one] : before.server.clients())
        same.push_back(one.configured);
    Now now = later(before.now, how.after);
    if (!how.same_boot)
        now.boot = Time(seconds(20));
    now.wall += std::chrono::duration_cast<WallTime::duration>(how.clock_is_ahead);
    return Driver(how.configured.value_or(same), before.stored(how.clean, how.same_boot), now);
}

ClientSettings long_denied(char digit) {
    ClientSettings settings = client(digit);
    settings.approval_duration = hours(1);
    settings.timeout = hours(24);
    return settings;
}

std::string told_of_the_start(const StoredState& stored) {
    const auto [server, actions] = Server::start(stored, {}, noon, 1);
    return all<Audit>(actions).front().record.cause;
}

Actions decide(Driver& server, Decision decision) {
    return server.handle(Approve{.client = server.id("a"), .decision = decision, .actor = "uid 0"});
}

void check_ends(Driver& server, int status) {
    (void)server.handle(BeginCheck{server.id("a")});
    (void)server.handle(
        CheckEnded{.client = server.id("a"), .check = server.one("a").check.value(), .status = status});
}

} // namespace

TEST(ServerRestart, IsToldWithHowItEndedBefore) {
    EXPECT_EQ(told_of_the_start({.stopped_cleanly = true}), "after a clean stop");
    EXPECT_EQ(told_of_the_start({.stopped_cleanly = false}), "after a crash");
    EXPECT_EQ(told_of_the_start({.stopped_cleanly = true, .first_start = true}), "for the first time");
}

TEST(ARestart, EnablesNobody) {
    for (const bool clean : {false, true})
        for (const bool same_boot : {false, true}) {
            Driver before({client('a')});
            check_ends(before, 0);
            (void)before.handle(Disable{.client = before.id("a"), .actor = ""});
            Driver server = restarted(before, {.clean = clean, .same_boot = same_boot});
            EXPECT_FALSE(server.lives("a"));
            EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::Disabled));
        }
}

TEST(ARestart, EnablesNobodyWhoHadRunOutOfTime) {
    Driver before({client('a')});
    check_ends(before, 0);
    (void)before.after(minutes(5));
    EXPECT_FALSE(restarted(before, {.clean = true}).lives("a"));
}

TEST(ARestart, DisablesWhoRanOutOfTimeMeanwhile) {
    for (const bool same_boot : {false, true}) {
        Driver before({client('a')});
        check_ends(before, 0);
        Driver server = restarted(before, {.after = minutes(5), .same_boot = same_boot});
        EXPECT_FALSE(server.lives("a"));
        EXPECT_THAT(audited(server.at_start), Contains(AuditEvent::Expired));
        EXPECT_EQ(saved(server.at_start, server.id("a")), Urgency::Now);
    }
}

TEST(ARestart, LeavesTheTimeThatWasLeft) {
    for (const bool same_boot : {false, true}) {
        Driver before({client('a')});
        (void)before.after(minutes(1));
        Driver server = restarted(before, {.after = minutes(1), .same_boot = same_boot});
        EXPECT_EQ(server.expires("a"), server.now.boot + minutes(3));
        EXPECT_EQ(saved(server.at_start, server.id("a")), Urgency::Now);
    }
}

TEST(ARestart, GivesNobodyTimeThoughTheWallClockIsBehind) {
    for (const bool same_boot : {false, true}) {
        Driver before({client('a')});
        (void)before.after(minutes(1));
        const Time::duration left = before.expires("a") - before.now.boot;
        Driver server = restarted(before, {.same_boot = same_boot, .clock_is_ahead = -hours(24 * 365 * 40)});
        EXPECT_LE(server.expires("a"), server.now.boot + left);
    }
}

// 1.8's rule: it was well, and nobody looked since then.
TEST(ARestart, GivesItsTimeoutToWhoWasWellBeforeACleanStop) {
    Driver before({client('a')});
    check_ends(before, 0);
    Driver server = restarted(before, {.after = hours(24), .clean = true, .same_boot = false});
    EXPECT_TRUE(server.lives("a"));
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(5));
}

TEST(ARestart, GivesNoTimeToWhoseLastCheckWentWrong) {
    Driver before({client('a')});
    check_ends(before, 0);
    check_ends(before, 1);
    EXPECT_FALSE(restarted(before, {.after = hours(1), .clean = true}).lives("a"));
}

TEST(ARestart, GivesNoTimeToWhoWasNeverSeen) {
    Driver before({client('a')});
    EXPECT_FALSE(restarted(before, {.after = hours(1), .clean = true}).lives("a"));
}

// In 1.8 a client in the middle of its reboot was lost.
TEST(ARestart, LeavesItsExtendedTimeToWhoGotItsSecret) {
    Driver before({client('a')});
    check_ends(before, 0);
    (void)before.handle(Delivered{.client = before.id("a"), .name = "a", .peer = {}});
    for (const bool clean : {false, true}) {
        Driver server = restarted(before, {.after = minutes(6), .clean = clean});
        EXPECT_EQ(server.expires("a"), server.now.boot + minutes(9));
        EXPECT_EQ(server.one("a").life.allowance, Allowance::Extended);
        (void)server.live_through(minutes(8), 1);
        EXPECT_TRUE(server.lives("a"));
    }
}

TEST(ARestart, EndsNoDenial) {
    for (const bool same_boot : {false, true}) {
        Driver before({long_denied('a')});
        (void)decide(before, Decision::Deny);
        Driver server = restarted(before, {.same_boot = same_boot, .clock_is_ahead = hours(2)});
        EXPECT_THAT(refusals(server.ask('a', 1)), ElementsAre(Refusal::Denied));
        (void)server.after(minutes(58));
        EXPECT_THAT(refusals(server.ask('a', 2)), ElementsAre(Refusal::Denied));
        (void)server.after(minutes(2));
        EXPECT_THAT(released(server.ask('a', 3)), ElementsAre("secret of a"));
    }
}

// Whose clock that deadline is of can be told only while it is stored anew at each start.
TEST(ARestart, StoresTheDenialOfADisabledClientOnTheClockOfToday) {
    Driver before({long_denied('a')});
    (void)decide(before, Decision::Deny);
    (void)before.handle(Disable{.client = before.id("a"), .actor = ""});
    Driver server = restarted(before, {.same_boot = false});
    EXPECT_EQ(saved(server.at_start, server.id("a")), Urgency::Now);
    Driver again = restarted(server, {.same_boot = true});
    EXPECT_EQ(again.one("a").life.decision, Decision::Deny);
    EXPECT_LE(again.one("a").life.decision_ends.boot, again.now.boot + hours(1));
}

TEST(ARestart, EndsEachApproval) {
    ClientSettings settings = long_denied('a');
    settings.approval_delay = minutes(1);
    for (const bool clean : {false, true}) {
        Driver before({settings});
        (void)decide(before, Decision::Approve);
        Driver server = restarted(before, {.clean = clean});
        EXPECT_TRUE(has<AwaitApproval>(server.ask('a')));
    }
}

TEST(ARestart, EndsNoLockdown) {
    Driver before({client('a')});
    (void)before.handle(SetLockdown{.on = true, .actor = ""});
    Driver server = restarted(before, {});
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::Lockdown));
}

TEST(ARestart, WritesDownThatTheServerRuns) {
    const Driver server({client('a')});
    EXPECT_EQ(all<SaveServer>(server.at_start).front().stopped_cleanly, false);
    EXPECT_THAT(audited(server.at_start), Contains(AuditEvent::ServerStarted));
}

TEST(AStop, StoresEverythingAndThenThatItWasClean) {
    Driver server({client('a')});
    check_ends(server, 0);
    (void)server.handle(BeginCheck{server.id("a")});
    const Actions actions = server.handle(Stopping{});
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now);
    EXPECT_TRUE(has<StopCheck>(actions));
    EXPECT_THAT(audited(actions), ElementsAre(AuditEvent::ServerStopped));
    EXPECT_EQ(all<SaveServer>(actions).front().stopped_cleanly, true);
}

TEST(AMerge, TakesTheConfigurationsValueOnlyWhereItChanged) {
    Driver before({client('a')});
    (void)before.handle(
        Change{.client = before.id("a"), .change = {.host = "set", .timeout = minutes(20)}, .actor = ""});
    ClientSettings now = client('a');
    now.host = "configured";
    now.interval = minutes(1);
    Driver server = restarted(before, {.configured = {{now}}});
    EXPECT_EQ(server.one("a").settings.host, "configured");
    EXPECT_EQ(server.one("a").settings.timeout, minutes(20));
    EXPECT_EQ(server.one("a").settings.interval, minutes(1));
    EXPECT_TRUE(saves_everything_now(server.at_start, server.id("a")));
}

TEST(AMerge, KeepsWhatIsKnownOfAClient) {
    Driver before({client('a')});
    check_ends(before, 0);
    check_ends(before, 3);
    const Life& was = before.one("a").life;
    Driver server = restarted(before, {});
    const Life& life = server.one("a").life;
    EXPECT_EQ(life.created, was.created);
    EXPECT_EQ(life.last_enabled, was.last_enabled);
    EXPECT_EQ(life.last_checked_ok, was.last_checked_ok);
    EXPECT_EQ(life.last_checker_status, 3);
}

TEST(AMerge, EnablesOnlyWhoWasNotEnabledInTheConfigurationBefore) {
    ClientSettings disabled = client('a');
    disabled.enabled = false;
    Driver before({disabled});
    Driver enabled = restarted(before, {.configured = {{client('a')}}});
    EXPECT_TRUE(enabled.lives("a"));
    (void)enabled.handle(Disable{.client = enabled.id("a"), .actor = ""});
    Driver again = restarted(enabled, {.configured = {{client('a')}}});
    EXPECT_FALSE(again.lives("a"));
    EXPECT_FALSE(restarted(again, {.configured = {{disabled}}}).lives("a"));
}

TEST(AMerge, RemovesWhoIsNotInTheConfigurationAndSaysSo) {
    Driver before({client('a'), client('b')});
    Driver server = restarted(before, {.configured = {{client('b')}}});
    EXPECT_EQ(server.server.clients().size(), 1U);
    EXPECT_EQ(all<Erase>(server.at_start).front().client, "a");
    EXPECT_EQ(record(server.at_start, AuditEvent::ClientRemoved).client, "a");
}

TEST(AMerge, KeepsWhoWasAddedAtRunTime) {
    Driver before({});
    (void)before.handle(Add{.settings = client('a'), .actor = ""});
    Driver server = restarted(before, {.configured = {{client('b')}}});
    EXPECT_THAT(released(server.ask('a')), ElementsAre("secret of a"));
    EXPECT_EQ(server.one("a").origin, Origin::Runtime);
}

TEST(AMerge, AddsWhoIsNew) {
    Driver server({client('a')});
    EXPECT_TRUE(has<Added>(server.at_start));
    EXPECT_TRUE(saves_everything_now(server.at_start, server.id("a")));
    EXPECT_EQ(record(server.at_start, AuditEvent::ClientAdded).actor, "clients.conf");
}

TEST(AMerge, KeepsWhoWasRemovedAway) {
    StoredState state;
    state.removed = {"a"};
    const Driver server({client('a'), client('b')}, state);
    EXPECT_EQ(server.server.clients().size(), 1U);
    EXPECT_FALSE(has<RememberRemoved>(server.at_start));
}

// In 1.8 the next start failed, and the state was lost.
TEST(AMerge, ForgetsWhoWasRemovedAndIsNotInTheConfiguration) {
    StoredState state;
    state.removed = {"a"};
    Driver server({client('b')}, state);
    EXPECT_FALSE(all<RememberRemoved>(server.at_start).front().removed);
    (void)server.handle(Reconfigure{.configured = {client('a'), client('b')}, .actor = ""});
    EXPECT_TRUE(server.lives("a"));
}
