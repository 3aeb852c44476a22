// What an administrator is told of a client: whether it would get its secret, and why.
#include "programs/mandos/explain.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "core/client.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/server.h"
#include "core/time.h"

using namespace mandos::core; // NOLINT(google-build-using-namespace): it is what is asked
using mandos::server::explain;
using mandos::server::Explanation;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;

namespace {

const Now now{.boot = Time(1000s), .wall = WallTime(1'795'489'842'106'667us)};

ClientSettings settings(std::string name, char digit = '1') {
    ClientSettings made;
    made.name = std::move(name);
    made.key_id = *KeyId::parse(std::string(64, digit));
    made.secret = make_secret(mandos::to_bytes("secret"));
    return made;
}

// Of the first client, after these events.
Explanation explained(std::vector<ClientSettings> clients, const std::vector<Event>& events = {}) {
    auto [server, actions] = Server::start({}, std::move(clients), now, 1);
    for (const Event& event : events)
        server.handle(event, now);
    return explain(server, server.clients().begin()->second);
}

constexpr ClientId first{1};

} // namespace

TEST(Explain, WhyNothingIsGiven) {
    Explanation why = explained({settings("one")}, {SetLockdown{.on = true, .actor = {}}});
    EXPECT_FALSE(why.would_get);
    EXPECT_THAT(why.reason, HasSubstr("lockdown"));

    why = explained({settings("one")}, {Disable{.client = first, .actor = {}}});
    EXPECT_FALSE(why.would_get);
    EXPECT_EQ(why.reason,
              "it is disabled, by an administrator or since nothing was heard of it in time; no check "
              "of it was ever good");
    EXPECT_THAT(why.remedy, HasSubstr("mandos-ctl --enable \"one\""));
    why = explained({settings("one")},
                    {MarkAlive{.client = first, .actor = {}}, Disable{.client = first, .actor = {}}});
    EXPECT_THAT(why.reason, HasSubstr("its last good check was at 2026-11-24T03:10:42 UTC"));

    ClientSettings never = settings("one");
    never.enabled = false;
    why = explained({never});
    EXPECT_FALSE(why.would_get);
    EXPECT_EQ(why.reason, "it was never enabled");

    ClientSettings empty = settings("one");
    empty.secret = make_secret({});
    why = explained({empty});
    EXPECT_FALSE(why.would_get);
    EXPECT_EQ(why.reason, "its secret is empty");

    ClientSettings keyless = settings("one");
    keyless.key_id.reset();
    why = explained({keyless});
    EXPECT_FALSE(why.would_get);
    EXPECT_THAT(why.reason, StartsWith("it has no key ID"));

    why = explained({settings("one"), settings("two")});
    EXPECT_FALSE(why.would_get);
    EXPECT_THAT(why.reason, HasSubstr("the same key ID"));
}

TEST(Explain, WhatWasDecided) {
    ClientSettings slow = settings("one");
    slow.approval_duration = 10s;
    slow.approval_delay = 30s;
    slow.approved_by_default = false;
    Explanation why = explained({slow}, {Approve{.client = first, .decision = Decision::Deny, .actor = {}}});
    EXPECT_FALSE(why.would_get);
    EXPECT_EQ(why.reason, "an administrator denied it; that holds until 2026-11-24T03:10:52 UTC");
    EXPECT_EQ(why.since, now.wall);
    why = explained({slow}, {Approve{.client = first, .decision = Decision::Approve, .actor = {}}});
    EXPECT_TRUE(why.would_get);
    EXPECT_EQ(why.reason, "an administrator approved it; that holds until 2026-11-24T03:10:52 UTC");
    EXPECT_THAT(why.remedy, IsEmpty());
}

TEST(Explain, ThatItNeedsApproval) {
    ClientSettings slow = settings("one");
    slow.approval_delay = 30s;
    slow.approved_by_default = false;
    Explanation why = explained({slow});
    EXPECT_FALSE(why.would_get);
    EXPECT_EQ(why.reason, "it needs approval; when it asks, somebody has to give it within PT30S");
    EXPECT_EQ(why.remedy, "mandos-ctl --approve \"one\"");
    why = explained({slow}, {SecretAsked{.connection = ConnectionId{1}, .key_id = *slow.key_id, .peer = {}}});
    EXPECT_THAT(why.reason, HasSubstr("it asks now"));
    EXPECT_EQ(why.since, now.wall);

    slow.approved_by_default = true;
    why = explained({slow});
    EXPECT_TRUE(why.would_get);
    EXPECT_THAT(why.reason, HasSubstr("it gets its secret after PT30S, unless somebody denies it"));
}

TEST(Explain, ThatAllIsWell) {
    const Explanation why = explained({settings("one")});
    EXPECT_TRUE(why.would_get);
    EXPECT_EQ(why.reason, "it is enabled until 2026-11-24T03:15:42 UTC");
    EXPECT_EQ(why.since, now.wall);
    EXPECT_THAT(why.remedy, IsEmpty());
}
