#include "programs/mandos-monitor/facts.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "adapters/bus/value.h"
#include "tests/unit/monitor/sample.h"

namespace mandos::monitor {
namespace {

using std::chrono::seconds;

TEST(Facts, IgnoreValuesOfAnotherType) {
    Client client = sample_client("a");
    const Client before = client;
    take_properties(client, {{"Enabled", std::string("no")},
                             {"Timeout", std::string("5")},
                             {"Timeout", std::int16_t{5}},
                             {"Expires", true},
                             {"Name", std::uint64_t{7}},
                             {"LastCheckerStatus", std::string("1")},
                             {"SomethingNew", true},
                             {"", true}});
    EXPECT_EQ(client, before);
}

TEST(Facts, TakeWhatTheServerTells) {
    Client client = client_at("/clients/appr_example_org");
    EXPECT_EQ(client.name, "appr_example_org");
    take_properties(client, {{"Name", std::string("appr.example.org")},
                             {"Enabled", true},
                             {"Expires", std::string("2026-11-24T12:02:30.000000")},
                             {"LastCheckedOK", std::string()},
                             {"LastCheckerStatus", std::int16_t{-1}},
                             {"Timeout", std::uint64_t{300'000}}});
    EXPECT_EQ(client.name, "appr.example.org");
    EXPECT_EQ(client.state(), State::Failed);
    EXPECT_EQ(client.left(noon), seconds(150));
    EXPECT_EQ(client.last_checked_ok, std::nullopt);
    EXPECT_DOUBLE_EQ(client.part_left(noon), 0.5);
}

TEST(Facts, ForgetATimeThatIsTakenBack) {
    Client client = sample_client("a");
    take_properties(client, {{"Expires", std::string()}});
    EXPECT_EQ(client.expires, std::nullopt);
}

TEST(Facts, LimitTimesThatNoClockHolds) {
    Client client = sample_client("a");
    take_properties(client, {{"Timeout", std::numeric_limits<std::uint64_t>::max()}});
    EXPECT_EQ(client.timeout, std::chrono::hours(24 * 365 * 100));
}

} // namespace
} // namespace mandos::monitor
