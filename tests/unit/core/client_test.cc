#include "core/client.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "tests/support/core_driver.h"

using mandos::to_bytes;
using mandos::core::ClientSettings;
using mandos::core::difference;
using mandos::core::make_secret;
using mandos::core::SettingsChange;
using mandos::support::client;
using mandos::support::key;
using std::chrono::minutes;

TEST(Difference, IsNothingBetweenWhatIsTheSame) {
    EXPECT_EQ(difference(client('a'), client('a')), SettingsChange{});
}

TEST(Difference, IsNothingBetweenSecretsOfTheSameBytes) {
    ClientSettings before = client('a');
    ClientSettings now = client('a');
    ASSERT_NE(before.secret, now.secret);
    EXPECT_EQ(difference(before, now).secret, nullptr);
    before.secret = nullptr;
    now.secret = nullptr;
    EXPECT_EQ(difference(before, now).secret, nullptr);
}

// Else a secret that was set at run time would be lost to a configuration that never had one.
TEST(Difference, IsNothingBetweenNoSecretAndAnEmptyOne) {
    ClientSettings before = client('a');
    ClientSettings now = client('a');
    before.secret = nullptr;
    now.secret = make_secret({});
    EXPECT_EQ(difference(before, now), SettingsChange{});
    EXPECT_EQ(difference(now, before), SettingsChange{});
}

TEST(Difference, HasAnEmptySecretWhereThereIsNoneAnyMore) {
    ClientSettings now = client('a');
    now.secret = nullptr;
    const SettingsChange change = difference(client('a'), now);
    ASSERT_NE(change.secret, nullptr);
    EXPECT_TRUE(change.secret->empty());
}

TEST(Difference, TellsThatAKeyIsGone) {
    ClientSettings now = client('a');
    now.key_id.reset();
    const SettingsChange change = difference(client('a'), now);
    ASSERT_TRUE(change.key_id.has_value());
    EXPECT_EQ(*change.key_id, std::nullopt);
}

TEST(Difference, HasEachOptionThatIsOtherwiseAndNoOther) {
    ClientSettings now = client('a');
    SettingsChange expected;
    const auto differs = [&] { return difference(client('a'), now) == expected; };
    expected.host = now.host = "other";
    EXPECT_TRUE(differs());
    expected.checker = now.checker = ":";
    EXPECT_TRUE(differs());
    expected.timeout = now.timeout = minutes(7);
    EXPECT_TRUE(differs());
    expected.extended_timeout = now.extended_timeout = minutes(8);
    EXPECT_TRUE(differs());
    expected.interval = now.interval = minutes(1);
    EXPECT_TRUE(differs());
    expected.approval_delay = now.approval_delay = minutes(2);
    EXPECT_TRUE(differs());
    expected.approval_duration = now.approval_duration = minutes(3);
    EXPECT_TRUE(differs());
    expected.approved_by_default = now.approved_by_default = false;
    EXPECT_TRUE(differs());
    now.key_id = key('b');
    expected.key_id = std::optional(now.key_id);
    EXPECT_TRUE(differs());
    expected.fingerprint = now.fingerprint = "AB";
    EXPECT_TRUE(differs());
    expected.enabled = now.enabled = false;
    EXPECT_TRUE(differs());
    expected.secret = now.secret = make_secret(to_bytes("another"));
    EXPECT_TRUE(differs());
}
