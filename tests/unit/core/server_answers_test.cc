// Who gets a secret: each line of the first table in core/server.h, refusals first.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/actions.h"
#include "core/audit.h"
#include "core/client.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/server.h"
#include "tests/support/core_driver.h"

using namespace mandos::core;    // NOLINT(google-build-using-namespace): it is what is tested
using namespace mandos::support; // NOLINT(google-build-using-namespace): and what it is tested with
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

ClientSettings waiting_client(char digit, bool approved_by_default = true) {
    ClientSettings settings = client(digit);
    settings.approval_delay = seconds(10);
    settings.approval_duration = minutes(1);
    settings.approved_by_default = approved_by_default;
    return settings;
}

Approve approve(const Driver& server, Decision decision) {
    return {.client = server.id("a"), .decision = decision, .actor = "uid 0"};
}

} // namespace

TEST(Answers, RefuseAnUnknownKey) {
    Driver server({client('a')});
    const Actions actions = server.ask('b');
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::UnknownKey));
    EXPECT_THAT(released(actions), IsEmpty());
    EXPECT_EQ(all<Refuse>(actions).front().id, std::nullopt);
    EXPECT_EQ(all<Refuse>(actions).front().client, "");
    EXPECT_EQ(record(actions, AuditEvent::Refused).client, "");
}

TEST(Answers, RefuseTheKeyIdOfNothing) {
    ClientSettings settings = client('a');
    settings.key_id =
        KeyId::parse("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855").value();
    Driver server({settings});
    const Actions actions =
        server.handle(SecretAsked{.connection = ConnectionId{1}, .key_id = *settings.key_id, .peer = {}});
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::UnknownKey));
}

TEST(Answers, RefuseAKeyThatTwoClientsShare) {
    ClientSettings twin = client('b');
    twin.key_id = key('a');
    Driver server({client('a'), twin});
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::SharedKey));
}

TEST(Answers, RefuseEverybodyInLockdown) {
    Driver server({client('a'), waiting_client('b')});
    (void)server.handle(SetLockdown{.on = true, .actor = "uid 0"});
    EXPECT_THAT(refusals(server.ask('a', 1)), ElementsAre(Refusal::Lockdown));
    EXPECT_THAT(refusals(server.ask('b', 2)), ElementsAre(Refusal::Lockdown));
    EXPECT_THAT(refusals(server.ask('c', 3)), ElementsAre(Refusal::UnknownKey));
    (void)server.handle(SetLockdown{.on = false, .actor = "uid 0"});
    EXPECT_THAT(released(server.ask('a', 4)), ElementsAre("secret of a"));
}

TEST(Answers, RefuseADisabledClient) {
    Driver server({client('a')});
    (void)server.handle(Disable{.client = server.id("a"), .actor = "uid 0"});
    const Actions actions = server.ask('a');
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::Disabled));
    EXPECT_EQ(all<Refuse>(actions).front().client, "a");
    EXPECT_EQ(record(actions, AuditEvent::Refused).client, "a");
}

TEST(Answers, RefuseAClientThatIsDisabledInTheConfiguration) {
    ClientSettings settings = client('a');
    settings.enabled = false;
    Driver server({settings});
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::Disabled));
}

TEST(Answers, RefuseAClientInTheMomentInWhichItsTimeIsOver) {
    Driver server({client('a')});
    server.now = later(noon, minutes(5));
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::Disabled));
    EXPECT_FALSE(server.lives("a"));
}

TEST(Answers, RefuseAnEmptySecret) {
    ClientSettings none = client('a');
    none.secret = nullptr;
    ClientSettings empty = client('b');
    empty.secret = make_secret({});
    Driver server({none, empty});
    EXPECT_THAT(refusals(server.ask('a', 1)), ElementsAre(Refusal::NoSecret));
    EXPECT_THAT(refusals(server.ask('b', 2)), ElementsAre(Refusal::NoSecret));
}

TEST(Answers, RefuseWhoWasDeniedUntilThatIsOver) {
    Driver server({waiting_client('a')});
    const Actions denial = server.handle(approve(server, Decision::Deny));
    EXPECT_THAT(audited(denial), ElementsAre(AuditEvent::Denied));
    EXPECT_EQ(saved(denial, server.id("a")), Urgency::Now);
    EXPECT_THAT(refusals(server.ask('a', 1)), ElementsAre(Refusal::Denied));
    (void)server.after(seconds(59));
    EXPECT_THAT(refusals(server.ask('a', 2)), ElementsAre(Refusal::Denied));
    (void)server.after(seconds(1));
    EXPECT_TRUE(has<AwaitApproval>(server.ask('a', 3)));
}

// In 1.8 a denial of a client without approval_delay has no effect.
TEST(Answers, RefuseWhoWasDeniedThoughItHasNoApprovalDelay) {
    ClientSettings settings = client('a');
    settings.approval_duration = minutes(1);
    Driver server({settings});
    (void)server.handle(approve(server, Decision::Deny));
    EXPECT_THAT(refusals(server.ask('a')), ElementsAre(Refusal::Denied));
}

TEST(Answers, RefuseWhoWaitsWhenItIsDenied) {
    Driver server({waiting_client('a')});
    (void)server.ask('a', 1);
    const Actions actions = server.handle(approve(server, Decision::Deny));
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::Denied));
    EXPECT_TRUE(tells(actions, server.id("a"), Property::ApprovalPending));
    EXPECT_EQ(server.one("a").waiting, 0U);
    EXPECT_THAT(refusals(server.after(seconds(10))), IsEmpty());
}

TEST(Answers, RefuseWhoWasNotApprovedInTime) {
    Driver server({waiting_client('a', false)});
    EXPECT_TRUE(has<AwaitApproval>(server.ask('a')));
    (void)server.handle(CancelCheck{server.id("a")});
    EXPECT_LE(server.server.next_deadline(), server.now.boot + seconds(10));
    Actions actions = server.after(seconds(9));
    EXPECT_FALSE(has<Refuse>(actions) || has<Release>(actions));
    actions = server.after(seconds(1));
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::ApprovalTimedOut));
    EXPECT_FALSE(has<Release>(actions));
}

TEST(Answers, RefuseWhoWaitsWhenItIsDisabledRemovedLockedOutOrTheServerStops) {
    for (int what = 0; what < 4; ++what) {
        Driver server({waiting_client('a')});
        (void)server.ask('a');
        const ClientId id = server.id("a");
        const std::vector<Event> events{Disable{.client = id, .actor = ""}, Remove{.client = id, .actor = ""},
                                        SetLockdown{.on = true, .actor = ""}, Stopping{}};
        const std::vector<Refusal> reasons{Refusal::Disabled, Refusal::Removed, Refusal::Lockdown,
                                           Refusal::Stopping};
        const auto which = static_cast<std::size_t>(what);
        EXPECT_THAT(refusals(server.handle(events[which])), ElementsAre(reasons[which]));
        EXPECT_THAT(refusals(server.after(seconds(10))), IsEmpty());
    }
}

// In 1.8 a timeout did not wake who waited.
TEST(Answers, RefuseWhoWaitsWhenTheClientRunsOutOfTime) {
    ClientSettings settings = waiting_client('a');
    settings.approval_delay = minutes(10);
    Driver server({settings});
    (void)server.ask('a');
    EXPECT_THAT(refusals(server.after(minutes(5))), ElementsAre(Refusal::Disabled));
}

TEST(Answers, RefuseWhoWaitsWhenTheClientRunsOutOfTimeInTheSameMoment) {
    ClientSettings settings = waiting_client('a');
    settings.approval_delay = minutes(5);
    Driver server({settings});
    (void)server.ask('a');
    const Actions actions = server.after(minutes(5));
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::Disabled));
    EXPECT_THAT(released(actions), IsEmpty());
}

// The machine slept: the wait was over before the client was, but nobody has answered it.
TEST(Answers, RefuseWhoWaitedWhenTheClientRanOutOfTimeMeanwhile) {
    Driver server({waiting_client('a')});
    (void)server.ask('a');
    const Actions actions = server.after(hours(1));
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::Disabled));
    EXPECT_THAT(released(actions), IsEmpty());
}

TEST(Answers, RefuseWhoWaitsWithAKeyThatIsReplaced) {
    Driver server({waiting_client('a')});
    (void)server.ask('a');
    ClientSettings now = waiting_client('a');
    now.key_id = key('b');
    const Actions actions = server.handle(Reconfigure{.configured = {now}, .actor = "SIGHUP"});
    EXPECT_THAT(refusals(actions), ElementsAre(Refusal::OtherKey));
    EXPECT_THAT(refusals(server.ask('a', 2)), ElementsAre(Refusal::UnknownKey));
}

TEST(Answers, RefuseWhoWaitsWithAKeyThatIsSharedAtItsEnd) {
    Driver server({waiting_client('a')});
    (void)server.ask('a');
    ClientSettings twin = client('b');
    twin.key_id = key('a');
    (void)server.handle(Reconfigure{.configured = {waiting_client('a'), twin}, .actor = "SIGHUP"});
    EXPECT_THAT(refusals(server.after(seconds(10))), ElementsAre(Refusal::SharedKey));
}

TEST(Answers, RefuseWhoWaitsForASecretThatIsTakenAway) {
    Driver server({waiting_client('a')});
    (void)server.ask('a');
    (void)server.handle(
        Change{.client = server.id("a"), .change = {.secret = make_secret({})}, .actor = "uid 0"});
    EXPECT_THAT(refusals(server.after(seconds(10))), ElementsAre(Refusal::NoSecret));
}

TEST(Answers, GiveNothingToAConnectionThatWentWhileItWaited) {
    Driver server({waiting_client('a')});
    (void)server.ask('a', 1);
    (void)server.ask('a', 2);
    EXPECT_EQ(server.one("a").waiting, 2U);
    EXPECT_EQ(server.server.peers_waiting(server.id("a")).size(), 2U);
    EXPECT_FALSE(
        tells(server.handle(ConnectionGone{ConnectionId{1}}), server.id("a"), Property::ApprovalPending));
    EXPECT_EQ(server.one("a").waiting, 1U);
    EXPECT_EQ(server.server.peers_waiting(server.id("a")).size(), 1U);
    const Actions actions = server.after(seconds(10));
    EXPECT_THAT(released(actions), ElementsAre("secret of a"));
    EXPECT_EQ(all<Release>(actions).front().connection, ConnectionId{2});
    EXPECT_EQ(server.one("a").waiting, 0U);
}

TEST(Answers, HeedNoConnectionThatGoesAfterItWasAnswered) {
    Driver server({client('a')});
    (void)server.ask('a', 1);
    EXPECT_THAT(server.handle(ConnectionGone{ConnectionId{1}}), IsEmpty());
}

TEST(AnswersDeathTest, AreGivenToAConnectionOnce) {
    Driver server({waiting_client('a')});
    (void)server.ask('a', 1);
    EXPECT_DEATH((void)server.ask('a', 1), "asks once");
    EXPECT_DEATH(
        (void)server.handle(Approve{.client = ClientId{99}, .decision = Decision::Approve, .actor = ""}),
        "client that exists");
}

TEST(Answers, AreTheSecretOfWhoProvedItsKey) {
    Driver server({client('a'), client('b')});
    const Actions actions = server.ask('a', 1);
    EXPECT_THAT(released(actions), ElementsAre("secret of a"));
    EXPECT_EQ(all<Release>(actions).front().client, "a");
    EXPECT_EQ(all<Release>(actions).front().id, server.id("a"));
    EXPECT_THAT(released(server.ask('b', 2)), ElementsAre("secret of b"));
}

TEST(Answers, AreRecordedBeforeTheyAreGiven) {
    Driver server({client('a'), waiting_client('b')});
    const auto record_is_first = [](const Actions& actions) {
        const std::size_t recorded = place_of<Audit>(
            actions, [](const Audit& one) { return one.record.event == AuditEvent::SecretReleased; });
        const std::size_t given = place_of<Release>(actions, [](const Release&) { return true; });
        return recorded < given && given < actions.size();
    };
    const Actions at_once = server.ask('a', 4711);
    EXPECT_TRUE(record_is_first(at_once));
    EXPECT_EQ(record(at_once, AuditEvent::SecretReleased).peer, "[::]:4711");
    EXPECT_EQ(record(at_once, AuditEvent::SecretReleased).client, "a");
    (void)server.ask('b', 2);
    EXPECT_TRUE(record_is_first(server.after(seconds(10))));
}

TEST(Answers, ComeAfterTheDelayWhereThatIsTheDefault) {
    Driver server({waiting_client('a')});
    const Actions asked = server.ask('a');
    ASSERT_EQ(all<AwaitApproval>(asked).size(), 1U);
    EXPECT_EQ(all<AwaitApproval>(asked).front().delay, seconds(10));
    EXPECT_TRUE(all<AwaitApproval>(asked).front().approved_by_default);
    EXPECT_TRUE(tells(asked, server.id("a"), Property::ApprovalPending));
    EXPECT_TRUE(tells(asked, server.id("a"), Property::LastApprovalRequest));
    EXPECT_EQ(server.one("a").life.last_approval_request, server.now.wall);
    EXPECT_FALSE(has<Release>(server.after(seconds(9))));
    EXPECT_THAT(released(server.after(seconds(1))), ElementsAre("secret of a"));
}

TEST(Answers, ComeAtOnceWithADelayThatIsNegative) {
    ClientSettings settings = waiting_client('a', false);
    settings.approval_delay = -minutes(5);
    Driver server({settings});
    EXPECT_THAT(released(server.ask('a')), ElementsAre("secret of a"));
}

TEST(Answers, ComeToAllWhoWaitWhenTheyAreApproved) {
    Driver server({waiting_client('a', false), waiting_client('b', false)});
    (void)server.ask('a', 1);
    (void)server.ask('a', 2);
    (void)server.ask('b', 3);
    const Actions actions = server.handle(approve(server, Decision::Approve));
    EXPECT_THAT(released(actions), ElementsAre("secret of a", "secret of a"));
    EXPECT_EQ(server.one("a").waiting, 0U);
    EXPECT_EQ(server.one("b").waiting, 1U);
    EXPECT_EQ(record(actions, AuditEvent::Approved).actor, "uid 0");
}

TEST(Answers, ComeToWhoAsksWhileItIsApproved) {
    Driver server({waiting_client('a', false)});
    (void)server.handle(approve(server, Decision::Approve));
    (void)server.after(seconds(59));
    EXPECT_THAT(released(server.ask('a', 1)), ElementsAre("secret of a"));
    (void)server.after(seconds(1));
    EXPECT_TRUE(has<AwaitApproval>(server.ask('a', 2)));
}

TEST(Answers, ComeToNobodyLaterWithAnApprovalOfNoDuration) {
    ClientSettings settings = waiting_client('a', false);
    settings.approval_duration = seconds(0);
    Driver server({settings});
    (void)server.ask('a', 1);
    EXPECT_THAT(released(server.handle(approve(server, Decision::Approve))), ElementsAre("secret of a"));
    EXPECT_TRUE(has<AwaitApproval>(server.ask('a', 2)));
}

// In 1.8 the end of the first approval ended the second.
TEST(Answers, ComeUntilTheLastApprovalIsOver) {
    Driver server({waiting_client('a', false)});
    (void)server.handle(approve(server, Decision::Approve));
    (void)server.after(seconds(40));
    (void)server.handle(approve(server, Decision::Approve));
    (void)server.after(seconds(40));
    EXPECT_THAT(released(server.ask('a', 1)), ElementsAre("secret of a"));
    (void)server.handle(approve(server, Decision::Deny));
    EXPECT_THAT(refusals(server.ask('a', 2)), ElementsAre(Refusal::Denied));
}

TEST(Answers, AreNotHeldUpByAnApprovalThatEnds) {
    Driver server({waiting_client('a')});
    (void)server.handle(approve(server, Decision::Approve));
    (void)server.after(minutes(1));
    (void)server.ask('a');
    EXPECT_THAT(released(server.after(seconds(10))), ElementsAre("secret of a"));
}

TEST(Answers, FillNoDiskWithRecordsOfRefusals) {
    Driver server({client('a')});
    (void)server.handle(Disable{.client = server.id("a"), .actor = ""});
    EXPECT_THAT(audited(server.ask('a', 1)), ElementsAre(AuditEvent::Refused));
    EXPECT_THAT(audited(server.ask('a', 2)), IsEmpty());
    EXPECT_THAT(audited(server.ask('a', 3)), IsEmpty());
    server.now = later(server.now, minutes(1));
    EXPECT_EQ(record(server.ask('a', 4), AuditEvent::Refused).left_out, 2U);

    const PeerRefused refused{.peer = {.port = 1}, .cause = "no TLS"};
    EXPECT_EQ(record(server.handle(refused), AuditEvent::Refused).cause, "no TLS");
    EXPECT_THAT(audited(server.handle(refused)), IsEmpty());
}

TEST(Answers, RecordWhetherTheyArrived) {
    Driver server({client('a')});
    (void)server.ask('a');
    const Actions arrived =
        server.handle(Delivered{.client = server.id("a"), .name = "a", .peer = {.port = 1}});
    EXPECT_THAT(audited(arrived), ElementsAre(AuditEvent::SecretDelivered));
    EXPECT_EQ(all<SecretGiven>(arrived).size(), 1U);
    const Actions lost = server.handle(NotDelivered{.name = "a", .peer = {.port = 2}, .cause = "it hung up"});
    EXPECT_THAT(audited(lost), ElementsAre(AuditEvent::SecretNotDelivered));
    EXPECT_EQ(record(lost, AuditEvent::SecretNotDelivered).cause, "it hung up");
    EXPECT_EQ(lost.size(), 1U); // and it lives no longer by that
}
