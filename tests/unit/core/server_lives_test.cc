// How clients live: the second table in core/server.h.
#include <chrono>
#include <optional>
#include <set>
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
#include "core/time.h"
#include "tests/support/core_driver.h"

using namespace mandos::core;    // NOLINT(google-build-using-namespace): it is what is tested
using namespace mandos::support; // NOLINT(google-build-using-namespace): and what it is tested with
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

// What ends the check of "a" that runs, or one that is begun for it.
CheckEnded end_of_check(Driver& server, int status) {
    if (!server.one("a").check)
        (void)server.handle(BeginCheck{server.id("a")});
    return {.client = server.id("a"), .check = server.one("a").check.value(), .status = status};
}

Disable disable(const Driver& server) {
    return {.client = server.id("a"), .actor = "uid 0"};
}

Delivered delivered(const Driver& server) {
    return {.client = server.id("a"), .name = "a", .peer = {}};
}

} // namespace

TEST(AClient, IsDisabledWhenNothingIsHeardOfItForItsTimeout) {
    Driver server({client('a')});
    (void)server.after(minutes(4));
    EXPECT_TRUE(server.lives("a"));
    const Actions actions = server.after(minutes(1));
    EXPECT_FALSE(server.lives("a"));
    EXPECT_THAT(audited(actions), ElementsAre(AuditEvent::Expired));
    EXPECT_EQ(record(actions, AuditEvent::Expired).client, "a");
    EXPECT_EQ(record(actions, AuditEvent::Expired).actor, ""); // nobody did it
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now);
    EXPECT_TRUE(tells(actions, server.id("a"), Property::Enabled));
    EXPECT_TRUE(has<StopCheck>(actions));
    EXPECT_EQ(server.server.next_deadline(), std::nullopt);
}

TEST(AClient, IsNotEnabledByAnythingButAnAdministrator) {
    Driver server({client('a')});
    (void)server.handle(disable(server));
    const CheckEnded good = end_of_check(server, 0);
    const ClientId id = server.id("a");
    const std::vector<Event> events{MarkAlive{.client = id, .actor = "uid 0"},
                                    good,
                                    delivered(server),
                                    Approve{.client = id, .decision = Decision::Approve, .actor = "uid 0"},
                                    Change{.client = id, .change = {.timeout = hours(1)}, .actor = "uid 0"},
                                    Reconfigure{.configured = {client('a')}, .actor = "SIGHUP"},
                                    BeginCheck{id},
                                    CancelCheck{id},
                                    SetLockdown{.on = true, .actor = ""},
                                    SetLockdown{.on = false, .actor = ""},
                                    TimePassed{}};
    for (const Event& event : events) {
        (void)server.handle(event);
        EXPECT_FALSE(server.lives("a")) << event.index();
    }
    EXPECT_EQ(server.one("a").life.last_checker_status, 0); // noted
    const Actions actions = server.handle(Enable{.client = id, .actor = "uid 7"});
    EXPECT_TRUE(server.lives("a"));
    EXPECT_EQ(server.expires("a"), server.now.boot + hours(1));
    EXPECT_EQ(record(actions, AuditEvent::Enabled).actor, "uid 7");
    EXPECT_EQ(saved(actions, id), Urgency::Now);
}

TEST(AClient, KeepsItsTimeWhenACheckGoesWrong) {
    Driver server({client('a')});
    const Time expires = server.expires("a");
    (void)server.after(minutes(1));
    for (const int status : {1, 255, check_crashed}) {
        (void)server.handle(end_of_check(server, status));
        EXPECT_EQ(server.expires("a"), expires);
        EXPECT_EQ(server.one("a").life.last_checker_status, status);
        EXPECT_EQ(server.one("a").life.last_checked_ok, std::nullopt);
    }
}

TEST(AClient, LivesForItsTimeoutFromEachGoodCheckOn) {
    Driver server({client('a')});
    (void)server.after(minutes(4));
    const Actions actions = server.handle(end_of_check(server, 0));
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(5));
    EXPECT_EQ(server.one("a").life.last_checked_ok, server.now.wall);
    EXPECT_TRUE(tells(actions, server.id("a"), Property::Expires));
    EXPECT_TRUE(tells(actions, server.id("a"), Property::LastCheckedOk));
    // Lost in a crash it leaves the client with less time: that may wait for the disk.
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Soon);
    EXPECT_THAT(audited(actions), IsEmpty());
}

TEST(AClient, HasItsFirstCheckThatGoesWrongStoredAtOnce) {
    Driver server({client('a')});
    (void)server.handle(end_of_check(server, 0));
    EXPECT_EQ(saved(server.handle(end_of_check(server, 1)), server.id("a")), Urgency::Now);
    EXPECT_EQ(saved(server.handle(end_of_check(server, 2)), server.id("a")), Urgency::Soon);
}

TEST(AClient, IsNotSavedByACheckThatWasStopped) {
    Driver server({client('a')});
    const CheckEnded stopped = end_of_check(server, 0);
    (void)server.handle(CancelCheck{server.id("a")});
    (void)server.after(minutes(1));
    EXPECT_THAT(server.handle(stopped), IsEmpty());
    (void)server.handle(BeginCheck{server.id("a")});
    EXPECT_THAT(server.handle(stopped), IsEmpty());
    EXPECT_THAT(server.handle(CheckEnded{.client = ClientId{99}, .check = stopped.check, .status = 0}),
                IsEmpty());
}

TEST(AClient, IsSaidToBeAliveByAnAdministrator) {
    Driver server({client('a')});
    (void)server.after(minutes(4));
    const Actions actions = server.handle(MarkAlive{.client = server.id("a"), .actor = "uid 7"});
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(5));
    EXPECT_EQ(server.one("a").life.last_checker_status, 0);
    EXPECT_EQ(record(actions, AuditEvent::MarkedAlive).actor, "uid 7");
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now);
}

TEST(AClient, LivesForItsExtendedTimeoutAfterItGotItsSecret) {
    Driver server({client('a')});
    const Actions actions = server.handle(delivered(server));
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(15));
    EXPECT_EQ(server.one("a").life.allowance, Allowance::Extended);
    EXPECT_EQ(server.one("a").life.last_checked_ok, std::nullopt);
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now);
    const Actions end = server.live_through(minutes(15), 1);
    EXPECT_FALSE(server.lives("a"));
    EXPECT_THAT(record(end, AuditEvent::Expired).cause, testing::HasSubstr("extended timeout"));
}

TEST(AClient, HasItsShorterTimeBackWithTheNextGoodCheck) {
    Driver server({client('a')});
    (void)server.handle(delivered(server));
    const Actions actions = server.handle(end_of_check(server, 0));
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(5));
    EXPECT_EQ(server.one("a").life.allowance, Allowance::Timeout);
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now); // less time must not be lost
}

TEST(AClient, GetsAShorterTimeWithASecretToo) {
    ClientSettings settings = client('a');
    settings.extended_timeout = seconds(30);
    Driver server({settings});
    (void)server.handle(delivered(server));
    EXPECT_EQ(server.expires("a"), server.now.boot + seconds(30));
}

TEST(AClient, ThatIsGoneHasItsDeliveryRecorded) {
    Driver server({client('a')});
    const Delivered late = delivered(server);
    (void)server.handle(Remove{.client = server.id("a"), .actor = "uid 0"});
    const Actions actions = server.handle(late);
    EXPECT_THAT(audited(actions), ElementsAre(AuditEvent::SecretDelivered));
    EXPECT_EQ(actions.size(), 1U);
}

TEST(AClient, IsDisabledByAnAdministratorOnce) {
    Driver server({client('a')});
    (void)server.handle(BeginCheck{server.id("a")});
    const Actions actions = server.handle(disable(server));
    EXPECT_FALSE(server.lives("a"));
    EXPECT_TRUE(has<StopCheck>(actions));
    EXPECT_EQ(record(actions, AuditEvent::Disabled).actor, "uid 0");
    EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now);
    EXPECT_THAT(server.handle(disable(server)), IsEmpty());
}

TEST(AClient, GetsNoMoreTimeByBeingEnabledAgain) {
    Driver server({client('a')});
    (void)server.after(minutes(4));
    const Time expires = server.expires("a");
    EXPECT_THAT(server.handle(Enable{.client = server.id("a"), .actor = ""}), IsEmpty());
    EXPECT_EQ(server.expires("a"), expires);
}

// In 1.8 it had a random delay and two intervals.
TEST(AClient, LivesForItsTimeoutAfterStartAndEnable) {
    ClientSettings settings = client('a');
    settings.interval = seconds(3);
    settings.timeout = minutes(60);
    Driver server({settings});
    EXPECT_EQ(server.expires("a"), noon.boot + minutes(60));
    (void)server.live_through(minutes(59), 1);
    EXPECT_TRUE(server.lives("a"));
    (void)server.handle(disable(server));
    (void)server.handle(Enable{.client = server.id("a"), .actor = ""});
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(60));
}

TEST(AClient, NeverExpiresWhileItsChecksEndWell) {
    Driver server({client('a')});
    (void)server.live_through(hours(48), 0);
    EXPECT_TRUE(server.lives("a"));
}

TEST(AClient, ExpiresWhenItsChecksNeverEnd) {
    Driver server({client('a')});
    const Actions actions = server.live_through(minutes(5), std::nullopt);
    EXPECT_FALSE(server.lives("a"));
    EXPECT_EQ(all<StartCheck>(actions).size(), 1U); // no second one while it ran
}

TEST(AClient, IsCheckedOncePerInterval) {
    Driver server({client('a')});
    const Actions actions = server.live_through(hours(2), 0);
    EXPECT_GE(all<StartCheck>(actions).size(), 60U);
    EXPECT_LE(all<StartCheck>(actions).size(), 61U);
    EXPECT_EQ(all<StartCheck>(actions).front().limit, minutes(5));
}

// In 1.8 an interval of nothing was a busy loop.
TEST(AClient, IsCheckedOnceASecondAtMost) {
    ClientSettings settings = client('a');
    settings.interval = seconds(0);
    Driver server({settings});
    EXPECT_LE(all<StartCheck>(server.live_through(minutes(1), 0)).size(), 61U);
}

TEST(AClient, HasASecondForACheckThoughItsTimeoutIsShorter) {
    ClientSettings settings = client('a');
    settings.enabled = false;
    settings.timeout = std::chrono::milliseconds(1);
    Driver server({settings});
    const Actions actions = server.handle(BeginCheck{server.id("a")});
    ASSERT_TRUE(has<StartCheck>(actions));
    EXPECT_EQ(all<StartCheck>(actions).front().limit, seconds(1));
    EXPECT_FALSE(has<StartCheck>(server.handle(BeginCheck{server.id("a")})));
}

TEST(AClient, IsCheckedFirstAtARandomMoment) {
    std::set<Time> moments;
    std::vector<ClientSettings> many;
    for (const char digit : std::string("0123456789abcdef"))
        many.push_back(client(digit));
    const Driver server(many);
    for (const auto& [id, one] : server.server.clients()) {
        EXPECT_LE(one.next_check, noon.boot + minutes(2));
        moments.insert(one.next_check);
    }
    EXPECT_EQ(moments.size(), 16U);
}

TEST(AClient, WithoutTimeoutIsDisabledBeforeItAsks) {
    ClientSettings settings = client('a');
    settings.timeout = seconds(0);
    Driver server({settings});
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::Disabled));
}

TEST(AClient, LivesOnThoughTheWallClockJumps) {
    Driver server({client('a')});
    const Time expires = server.expires("a");
    for (const auto jump : {hours(24 * 365 * 30), -hours(24 * 365 * 60)}) {
        server.now.wall += jump;
        const Actions actions = server.handle(TimePassed{});
        EXPECT_TRUE(server.lives("a"));
        EXPECT_EQ(server.expires("a"), expires);
        EXPECT_EQ(server.one("a").life.expires.wall, server.now.wall + minutes(5));
        EXPECT_EQ(saved(actions, server.id("a")), Urgency::Now);
        EXPECT_TRUE(tells(actions, server.id("a"), Property::Expires));
    }
    server.now.wall += hours(24 * 365);
    (void)server.after(minutes(5));
    EXPECT_FALSE(server.lives("a"));
}

TEST(AClient, IsNotStoredAnewForEachDriftOfTheClock) {
    Driver server({client('a')});
    server.now.wall += std::chrono::milliseconds(900);
    EXPECT_THAT(server.handle(TimePassed{}), IsEmpty());
    server.now.wall += std::chrono::milliseconds(900);
    EXPECT_EQ(saved(server.handle(TimePassed{}), server.id("a")), Urgency::Now);
}

TEST(ADenial, KeepsItsEndThoughTheWallClockJumps) {
    ClientSettings settings = client('a');
    settings.approval_duration = minutes(1);
    settings.enabled = false;
    Driver server({settings});
    (void)server.handle(Approve{.client = server.id("a"), .decision = Decision::Deny, .actor = ""});
    server.now.wall += hours(24);
    EXPECT_EQ(saved(server.handle(TimePassed{}), server.id("a")), Urgency::Now);
    EXPECT_EQ(server.one("a").life.decision_ends.wall, server.now.wall + minutes(1));
    (void)server.after(seconds(59));
    EXPECT_EQ(server.one("a").life.decision, Decision::Deny);
    (void)server.after(seconds(1));
    EXPECT_EQ(server.one("a").life.decision, std::nullopt);
}
