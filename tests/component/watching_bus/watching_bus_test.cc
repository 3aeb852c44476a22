#include "adapters/bus/watching_bus.h"

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "tests/component/bus/private_bus.h"

namespace mandos::bus {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto patience = seconds(30);

// Turns the loop that a program has around its bus until DONE, or an error, or for too long.
Result<void> run_until(WatchingBus& bus, const std::function<bool()>& done) {
    const auto end = steady_clock::now() + patience;
    for (;;) {
        if (const auto processed = bus.process(); !processed)
            return processed;
        if (done())
            return {};
        if (steady_clock::now() > end)
            return fail(ErrorKind::TimedOut, "nothing came");
        const auto deadline = bus.deadline().value_or(end);
        const auto left = std::chrono::ceil<milliseconds>(std::min(deadline, end) - steady_clock::now());
        pollfd waited{.fd = bus.descriptor(), .events = bus.events(), .revents = 0};
        (void)poll(&waited, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
    }
}

Call peer_call(std::string method, std::string signature = "", std::vector<Value> arguments = {}) {
    return {.destination = test::Peer::name,
            .path = "/",
            .interface = "test.Interface",
            .method = std::move(method),
            .signature = std::move(signature),
            .arguments = std::move(arguments)};
}

class AWatchingBus : public testing::Test {
  protected:
    AWatchingBus() : watching_(*WatchingBus::open_system()) {}

    // The answer to a call, which comes through the loop.
    Result<std::vector<Value>> ask(const Call& call) {
        std::optional<Result<std::vector<Value>>> answer;
        const auto sent =
            watching_->call(call, [&answer](Result<std::vector<Value>> got) { answer = std::move(got); });
        if (!sent)
            return std::unexpected(sent.error());
        const auto ran = run_until(*watching_, [&answer] { return answer.has_value(); });
        if (!ran)
            return std::unexpected(ran.error());
        return *std::move(answer);
    }

    test::PrivateBus daemon_;
    test::Peer peer_;
    std::unique_ptr<WatchingBus> watching_;
};

TEST(WatchingBus, SaysThatThereIsNoBus) {
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    const auto opened = WatchingBus::open_system();
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind(), ErrorKind::NotFound);
}

TEST_F(AWatchingBus, GivesErrorsToWhoeverCalled) {
    const auto failed = ask(peer_call("Fail", "s", {"why"}));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().text(), "test.Error.Failed: why");
    Call nobody = peer_call("Echo");
    nobody.destination = "test.Nobody";
    const auto unknown = ask(nobody);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind(), ErrorKind::NotFound);
}

TEST_F(AWatchingBus, RefusesCallsThatCannotBeSent) {
    Call wrong = peer_call("Echo");
    wrong.path = "no path";
    EXPECT_FALSE(watching_->call(wrong, [](const auto&) { FAIL() << "there is no answer"; }));
    EXPECT_FALSE(watching_->call(peer_call("Echo", "b", {"no truth"}), [](const auto&) { FAIL(); }));
}

TEST_F(AWatchingBus, GivesUpAnAnswerThatDoesNotCome) {
    Call quiet = peer_call("Quiet");
    quiet.limit = milliseconds(50);
    const auto answer = ask(quiet);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), ErrorKind::TimedOut);
}

TEST_F(AWatchingBus, AnswersManyCallsEachOnce) {
    constexpr int calls = 100; // a system bus lets 128 wait at one time
    int answered = 0;
    for (int number = 0; number < calls; ++number)
        ASSERT_TRUE(watching_->call(peer_call("Echo", "i", {std::int32_t{number}}),
                                    [&answered, number](const Result<std::vector<Value>>& answer) {
                                        ASSERT_TRUE(answer);
                                        EXPECT_EQ(answer->front(), Value(std::int32_t{number}));
                                        ++answered;
                                    }));
    EXPECT_EQ(answered, 0) << "nothing is answered while it is sent";
    ASSERT_TRUE(run_until(*watching_, [&answered] { return answered == calls; }));
    EXPECT_EQ(answered, calls);
}

TEST_F(AWatchingBus, LetsAHandlerMakeTheNextCall) {
    std::string second;
    ASSERT_TRUE(watching_->call(peer_call("Echo", "s", {"one"}), [this, &second](const auto& /*answer*/) {
        ASSERT_TRUE(watching_->call(peer_call("Echo", "s", {"two"}),
                                    [&second](const Result<std::vector<Value>>& answer) {
                                        ASSERT_TRUE(answer);
                                        second = *answer->front().get_if<std::string>();
                                    }));
    }));
    ASSERT_TRUE(run_until(*watching_, [&second] { return !second.empty(); }));
    EXPECT_EQ(second, "two");
}

TEST_F(AWatchingBus, NeverCallsAHandlerAfterItsEnd) {
    bool called = false;
    ASSERT_TRUE(watching_->call(peer_call("Echo"), [&called](const auto& /*answer*/) { called = true; }));
    watching_.reset();
    EXPECT_FALSE(called);
}

TEST_F(AWatchingBus, TellsTheSignalsThatItWatchesAndTheirSender) {
    std::vector<ReceivedSignal> signals;
    ASSERT_TRUE(watching_->watch("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                                 "arg0='test.Name'",
                                 [&signals](const ReceivedSignal& signal) { signals.push_back(signal); }));
    const auto request = [this](const char* method, std::string signature, std::vector<Value> arguments) {
        return ask({.destination = "org.freedesktop.DBus",
                    .path = "/org/freedesktop/DBus",
                    .interface = "org.freedesktop.DBus",
                    .method = method,
                    .signature = std::move(signature),
                    .arguments = std::move(arguments)});
    };
    ASSERT_TRUE(request("RequestName", "su", {"test.Other", std::uint32_t{0}}));
    ASSERT_TRUE(request("RequestName", "su", {"test.Name", std::uint32_t{0}}));
    ASSERT_TRUE(run_until(*watching_, [&signals] { return !signals.empty(); }));
    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals.front().sender, "org.freedesktop.DBus");
    EXPECT_EQ(signals.front().path, "/org/freedesktop/DBus");
    EXPECT_EQ(signals.front().member, "NameOwnerChanged");
    EXPECT_EQ(signals.front().arguments.front(), Value("test.Name"));
}

TEST_F(AWatchingBus, FinishesWhatIsToBeWritten) {
    ASSERT_TRUE(ask(peer_call("Echo"))); // the bus has greeted us
    const std::string large(100'000, 'x');
    for (int number = 0; number < 50; ++number)
        ASSERT_TRUE(watching_->call(peer_call("Echo", "s", {large}), [](const auto& /*answer*/) {}));
    watching_->finish(patience);
    EXPECT_EQ(watching_->events() & POLLOUT, 0);
}

TEST(WatchingBus, TellsWhenTheBusEnds) {
    std::unique_ptr<WatchingBus> watching;
    {
        const test::PrivateBus daemon;
        watching = *WatchingBus::open_system();
        bool greeted = false;
        ASSERT_TRUE(watching->call({.destination = "org.freedesktop.DBus",
                                    .path = "/org/freedesktop/DBus",
                                    .interface = "org.freedesktop.DBus",
                                    .method = "GetId",
                                    .signature = "",
                                    .arguments = {}},
                                   [&greeted](const auto& answer) { greeted = answer.has_value(); }));
        ASSERT_TRUE(run_until(*watching, [&greeted] { return greeted; }));
    }
    const auto ended = run_until(*watching, [] { return false; });
    ASSERT_FALSE(ended);
    EXPECT_NE(ended.error().kind(), ErrorKind::TimedOut);
}

} // namespace
} // namespace mandos::bus
