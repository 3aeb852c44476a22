#include "programs/mandos-monitor/client.h"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/unit/monitor/sample.h"

namespace mandos::monitor {
namespace {

using std::chrono::seconds;

TEST(Client, SaysWhatItsStateIs) {
    const Client enabled = sample_client("a");
    EXPECT_EQ(enabled.status(noon), "enabled");
    EXPECT_EQ(disabled(enabled).status(noon), "DISABLED");
    EXPECT_EQ(pending(enabled, Default::Deny).status(noon), "Denial in 0:00:20. (a)pprove?");
    EXPECT_EQ(pending(enabled, Default::Approve).status(noon), "Approval in 0:00:20. (d)eny?");
    Client failed = enabled;
    failed.last_checker_status = 1;
    EXPECT_EQ(failed.status(noon), "A checker has failed! Time until client gets disabled: 0:02:30");
    failed.last_checker_status = -1;
    EXPECT_EQ(failed.state(), State::Failed);
}

TEST(Client, HasNotFailedBeforeItsFirstCheck) {
    Client unchecked = sample_client("a");
    unchecked.last_checker_status = -2;
    EXPECT_EQ(unchecked.status(noon), "enabled, not checked yet");
}

TEST(Client, IsDisabledEvenWhenAnApprovalIsPending) {
    EXPECT_EQ(disabled(pending(sample_client("a"))).state(), State::Disabled);
}

TEST(Client, CountsDownToItsEndAndNotBelow) {
    const Client client = sample_client("a");
    EXPECT_EQ(client.left(noon), seconds(150));
    EXPECT_EQ(client.left(noon + seconds(149)), seconds(1));
    EXPECT_EQ(client.left(noon + seconds(500)), Span{});
    EXPECT_EQ(pending(client).left(noon + seconds(500)), Span{});
    EXPECT_EQ(disabled(client).left(noon), std::nullopt);
}

TEST(Client, MeasuresWhatIsLeftByTheTimeoutThatItHas) {
    Client client = sample_client("a");
    EXPECT_DOUBLE_EQ(client.part_left(noon), 0.5);
    client.expires = noon + seconds(600); // it got its secret: the extended timeout
    EXPECT_NEAR(client.part_left(noon), 600.0 / 900, 1e-9);
    client.expires = noon + seconds(100'000);
    EXPECT_DOUBLE_EQ(client.part_left(noon), 1);
    client.timeout = client.extended_timeout = Span{};
    EXPECT_DOUBLE_EQ(client.part_left(noon), 0);
    EXPECT_DOUBLE_EQ(pending(client).part_left(noon), 20.0 / 30);
}

} // namespace
} // namespace mandos::monitor
