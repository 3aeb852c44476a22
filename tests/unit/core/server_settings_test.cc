// Which clients there are and with what settings: acts of administrators and the configuration read again.
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
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
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace {

ClientSettings disabled_client(char digit) {
    ClientSettings settings = client(digit);
    settings.enabled = false;
    return settings;
}

Actions change(Driver& server, const SettingsChange& what) {
    return server.handle(Change{.client = server.id("a"), .change = what, .actor = "uid 7"});
}

Actions reload(Driver& server, std::vector<ClientSettings> configured) {
    return server.handle(Reconfigure{.configured = std::move(configured), .actor = "SIGHUP"});
}

Actions disable(Driver& server) {
    return server.handle(Disable{.client = server.id("a"), .actor = "uid 0"});
}

Actions remove(Driver& server) {
    return server.handle(Remove{.client = server.id("a"), .actor = "uid 0"});
}

// Nothing of what is to be done speaks of ID, apart from answers to those who asked for it.
bool is_forgotten(const Actions& actions, ClientId id) {
    for (const auto& one : all<Changed>(actions))
        if (one.client == id)
            return false;
    for (const auto& one : all<StartCheck>(actions))
        if (one.client == id)
            return false;
    return !saved(actions, id);
}

} // namespace

TEST(AChange, ThatChangesNothingIsNone) {
    Driver server({client('a')});
    EXPECT_THAT(change(server, {}), IsEmpty());
    EXPECT_THAT(change(server, {.host = "", .timeout = minutes(5), .secret = client('a').secret}), IsEmpty());
}

TEST(AChange, IsStoredAtOnceAndRecordedWithWhoMadeIt) {
    Driver server({client('a')});
    const Actions actions = change(server, {.host = "a.example", .interval = minutes(1)});
    EXPECT_EQ(server.one("a").settings.host, "a.example");
    EXPECT_TRUE(saves_everything_now(actions, server.id("a")));
    const AuditRecord said = record(actions, AuditEvent::SettingsChanged);
    EXPECT_EQ(said.cause, "host = a.example, interval = PT1M");
    EXPECT_EQ(said.actor, "uid 7");
    EXPECT_TRUE(tells(actions, server.id("a"), Property::Host));
    EXPECT_TRUE(tells(actions, server.id("a"), Property::Interval));
    EXPECT_FALSE(tells(actions, server.id("a"), Property::Checker));
}

TEST(AChange, NeverShowsTheSecret) {
    Driver server({client('a')});
    const Actions actions = change(server, {.secret = make_secret(mandos::to_bytes("hidden"))});
    EXPECT_THAT(record(actions, AuditEvent::SettingsChanged).cause, Not(testing::HasSubstr("hidden")));
    EXPECT_THAT(released(server.ask('a')), ElementsAre("hidden"));
}

TEST(AChange, ToALongerTimeoutAddsTheDifference) {
    Driver server({client('a')});
    (void)server.after(minutes(4));
    (void)change(server, {.timeout = minutes(10)});
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(6));
}

TEST(AChange, ToAShorterTimeoutTakesTheDifference) {
    Driver server({client('a')});
    (void)server.after(minutes(1));
    (void)change(server, {.timeout = minutes(3)});
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(2));
}

// In 1.8 it disabled the client at once.
TEST(AChange, ToAShorterTimeoutDisablesNobodyByItself) {
    Driver server({client('a')});
    (void)server.after(minutes(3));
    (void)change(server, {.timeout = minutes(1)});
    EXPECT_TRUE(server.lives("a"));
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(1));
    (void)server.after(minutes(1));
    EXPECT_FALSE(server.lives("a"));
}

TEST(AChange, ToAShorterTimeoutGivesNoMoreTime) {
    Driver server({client('a')});
    (void)server.after(seconds(299));
    (void)change(server, {.timeout = minutes(4)});
    EXPECT_EQ(server.expires("a"), server.now.boot + seconds(1));
}

TEST(AChange, OfTheTimeoutIsForLaterWhileTheExtendedOneRuns) {
    Driver server({client('a')});
    (void)server.handle(Delivered{.client = server.id("a"), .name = "a", .peer = {}});
    const Time expires = server.expires("a");
    (void)change(server, {.timeout = minutes(1), .extended_timeout = minutes(2)});
    EXPECT_EQ(server.expires("a"), expires);
    (void)server.handle(MarkAlive{.client = server.id("a"), .actor = ""});
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(1));
}

TEST(AChange, OfTheIntervalBeginsACheckUnlessOneRuns) {
    Driver server({client('a')});
    EXPECT_TRUE(has<StartCheck>(change(server, {.interval = minutes(1)})));
    EXPECT_FALSE(has<StartCheck>(change(server, {.interval = seconds(30)})));
    EXPECT_EQ(server.one("a").next_check, server.now.boot + seconds(30)); // from now on, though one runs
    (void)disable(server);
    EXPECT_FALSE(has<StartCheck>(change(server, {.interval = minutes(2)})));
}

TEST(AClientThatIsAdded, IsStoredAndLivesAtOnce) {
    Driver server({});
    const Actions actions = server.handle(Add{.settings = client('a'), .actor = "uid 7"});
    EXPECT_TRUE(has<Added>(actions));
    EXPECT_TRUE(saves_everything_now(actions, server.id("a")));
    EXPECT_EQ(record(actions, AuditEvent::ClientAdded).actor, "uid 7");
    EXPECT_EQ(server.one("a").life.created, server.now.wall);
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(5));
    EXPECT_THAT(released(server.ask('a')), ElementsAre("secret of a"));
}

TEST(AClientThatIsAdded, StaysThoughTheConfigurationDoesNotHaveIt) {
    Driver server({});
    (void)server.handle(Add{.settings = client('a'), .actor = ""});
    (void)reload(server, {client('b')});
    EXPECT_EQ(server.server.clients().size(), 2U);
    EXPECT_EQ(server.one("a").origin, Origin::Runtime);
}

TEST(AClientThatIsAdded, IsNotEnabledByAConfigurationThatNeverSaidNo) {
    Driver server({});
    (void)server.handle(Add{.settings = disabled_client('a'), .actor = ""});
    const Actions actions = reload(server, {client('a')});
    EXPECT_FALSE(server.lives("a"));
    EXPECT_EQ(server.one("a").origin, Origin::Configuration);
    EXPECT_TRUE(saves_everything_now(actions, server.id("a")));
    // From now on the configuration has it.
    (void)reload(server, {});
    EXPECT_EQ(server.server.clients().size(), 0U);
}

TEST(AClientThatIsRemoved, GetsNothingAndIsForgotten) {
    Driver server({client('a')});
    const ClientId id = server.id("a");
    (void)server.handle(BeginCheck{id});
    const Actions actions = remove(server);
    EXPECT_EQ(record(actions, AuditEvent::ClientRemoved).client, "a");
    EXPECT_EQ(all<Erase>(actions).size(), 1U);
    EXPECT_EQ(all<Removed>(actions).front().name, "a");
    EXPECT_EQ(all<RememberRemoved>(actions).front().client, "a");
    EXPECT_TRUE(all<RememberRemoved>(actions).front().removed);
    EXPECT_TRUE(has<StopCheck>(actions));
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::UnknownKey));
    EXPECT_EQ(server.server.next_deadline(), std::nullopt);
    EXPECT_EQ(server.server.find("a"), nullptr);
}

TEST(AClientThatIsRemoved, HasNothingDoneForItThatWasDueBefore) {
    ClientSettings settings = client('a');
    settings.approval_delay = minutes(1);
    for (const auto late : {minutes(3), minutes(6)}) {
        Driver server({settings});
        const ClientId id = server.id("a");
        (void)server.ask('a');
        server.now = later(server.now, late);
        const Actions actions = remove(server);
        EXPECT_TRUE(is_forgotten(actions, id));
        EXPECT_FALSE(has<StopCheck>(actions)); // of one that was due and did not begin
        EXPECT_TRUE(has<Removed>(actions));
    }
}

TEST(AClientThatIsRemoved, StaysAwayWhileTheConfigurationHasIt) {
    Driver server({client('a'), client('b')});
    (void)remove(server);
    EXPECT_FALSE(has<Added>(reload(server, {client('a'), client('b')})));
    EXPECT_EQ(server.server.clients().size(), 1U);
}

TEST(AClientThatIsRemoved, ComesBackWithTheConfigurationThatDidNotHaveItMeanwhile) {
    Driver server({client('a')});
    (void)remove(server);
    const Actions gone = reload(server, {});
    EXPECT_FALSE(all<RememberRemoved>(gone).front().removed);
    (void)reload(server, {client('a')});
    EXPECT_TRUE(server.lives("a"));
}

TEST(AClientThatIsRemoved, ComesBackWhenItIsAdded) {
    Driver server({client('a')});
    (void)remove(server);
    const Actions actions = server.handle(Add{.settings = client('a'), .actor = ""});
    EXPECT_FALSE(all<RememberRemoved>(actions).front().removed);
    EXPECT_TRUE(server.lives("a"));
}

TEST(AReload, ThatSaysNothingNewChangesNothing) {
    Driver server({client('a')});
    (void)server.after(minutes(1));
    const Time expires = server.expires("a");
    const Actions actions = reload(server, {client('a')});
    EXPECT_THAT(audited(actions), ElementsAre(AuditEvent::ConfigurationRead));
    EXPECT_EQ(actions.size(), 1U);
    EXPECT_EQ(server.expires("a"), expires);
}

TEST(AReload, EnablesNobodyWhoWasEnabledInItBefore) {
    Driver server({client('a')});
    (void)disable(server);
    ClientSettings now = client('a');
    now.timeout = hours(1);
    now.host = "a.example";
    (void)reload(server, {now});
    EXPECT_FALSE(server.lives("a"));
}

TEST(AReload, EnablesWhoIsEnabledInItAndWasNotBefore) {
    Driver server({disabled_client('a')});
    (void)server.after(hours(1));
    const Actions actions = reload(server, {client('a')});
    EXPECT_TRUE(server.lives("a"));
    EXPECT_EQ(server.expires("a"), server.now.boot + minutes(5));
    EXPECT_EQ(record(actions, AuditEvent::Enabled).actor, "SIGHUP");
    EXPECT_TRUE(saves_everything_now(actions, server.id("a")));
}

TEST(AReload, DisablesWhoIsDisabledInItAndWasNotBefore) {
    Driver server({client('a')});
    (void)server.handle(BeginCheck{server.id("a")});
    const Actions actions = reload(server, {disabled_client('a')});
    EXPECT_FALSE(server.lives("a"));
    EXPECT_THAT(audited(actions), Contains(AuditEvent::Disabled));
    EXPECT_TRUE(has<StopCheck>(actions));
}

TEST(AReload, DisablesNobodyWhoWasDisabledInItBefore) {
    Driver server({disabled_client('a')});
    (void)server.handle(Enable{.client = server.id("a"), .actor = ""});
    (void)reload(server, {disabled_client('a')});
    EXPECT_TRUE(server.lives("a"));
}

// Else the next start takes it for news, and enables whom an administrator has disabled since.
TEST(AReload, IsStoredThoughItChangesNothingInForce) {
    Driver server({disabled_client('a')});
    (void)server.handle(Enable{.client = server.id("a"), .actor = ""});
    const Actions actions = reload(server, {client('a')});
    EXPECT_TRUE(saves_everything_now(actions, server.id("a")));
    EXPECT_TRUE(server.one("a").configured.enabled);
    EXPECT_THAT(audited(actions), ElementsAre(AuditEvent::ConfigurationRead));
}

TEST(AReload, KeepsWhatWasSetAtRunTimeUntilTheOptionChanges) {
    Driver server({client('a')});
    (void)change(server, {.host = "set", .secret = make_secret(mandos::to_bytes("set"))});
    ClientSettings now = client('a');
    now.checker = ":";
    (void)reload(server, {now});
    EXPECT_EQ(server.one("a").settings.host, "set");
    EXPECT_EQ(server.one("a").settings.checker, ":");
    EXPECT_THAT(released(server.ask('a', 1)), ElementsAre("set"));
    now.host = "configured";
    now.secret = make_secret(mandos::to_bytes("configured"));
    const Actions actions = reload(server, {now});
    EXPECT_EQ(server.one("a").settings.host, "configured");
    EXPECT_THAT(released(server.ask('a', 2)), ElementsAre("configured"));
    EXPECT_EQ(record(actions, AuditEvent::SettingsChanged).actor, "SIGHUP");
}

TEST(AReload, RemovesWhoIsNoLongerInIt) {
    ClientSettings settings = client('a');
    settings.approval_delay = minutes(1);
    Driver server({settings, client('b')});
    (void)server.ask('a');
    const Actions actions = reload(server, {client('b')});
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::Removed));
    EXPECT_EQ(record(actions, AuditEvent::ClientRemoved).client, "a");
    EXPECT_FALSE(has<RememberRemoved>(actions));
    EXPECT_EQ(server.server.clients().size(), 1U);
}

TEST(AReload, ChangesKeysAndWhoHasThem) {
    Driver server({client('a'), client('b')});
    ClientSettings first = client('a');
    first.key_id = key('b');
    ClientSettings second = client('b');
    second.key_id = key('a');
    (void)reload(server, {first, second});
    EXPECT_THAT(released(server.ask('a', 1)), ElementsAre("secret of b"));
    EXPECT_THAT(released(server.ask('b', 2)), ElementsAre("secret of a"));
}

TEST(Lockdown, IsStoredRecordedAndSaid) {
    Driver server({client('a')});
    const Actions actions = server.handle(SetLockdown{.on = true, .actor = "uid 7"});
    EXPECT_EQ(all<SaveServer>(actions).front().locked_down, true);
    EXPECT_EQ(record(actions, AuditEvent::LockdownBegun).actor, "uid 7");
    EXPECT_TRUE(all<LockdownChanged>(actions).front().on);
    EXPECT_TRUE(server.server.is_locked_down());
    EXPECT_THAT(server.handle(SetLockdown{.on = true, .actor = "uid 7"}), IsEmpty());
    EXPECT_THAT(audited(server.handle(SetLockdown{.on = false, .actor = ""})),
                ElementsAre(AuditEvent::LockdownEnded));
}

TEST(Lockdown, HasNoEffectOnLives) {
    Driver server({client('a')});
    const Time expires = server.expires("a");
    (void)server.handle(SetLockdown{.on = true, .actor = ""});
    EXPECT_EQ(server.expires("a"), expires);
    (void)server.live_through(hours(1), 0);
    EXPECT_TRUE(server.lives("a"));
}
