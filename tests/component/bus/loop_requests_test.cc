// A server's connection as one that calls others and hears their signals.
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/requests.h"
#include "adapters/bus/value.h"
#include "base/error.h"
#include "loop/asio.h"
#include "tests/component/bus/private_bus.h"

namespace mandos::test {
namespace {

using bus::Value;
using testing::HasSubstr;
using Answer = std::optional<Result<std::vector<Value>>>;

constexpr auto patience = std::chrono::seconds(30);

class AHost : public bus::Host {
  public:
    void ready() override { ++readied; }
    void lost(const Error& /*why*/) override { ++losses; }
    void off(const Error& /*why*/) override {}
    int readied = 0;
    int losses = 0;
};

class LoopRequests : public testing::Test {
  protected:
    void connect() {
        daemon_.emplace();
        peer_.emplace();
        connection_.emplace(loop_.get_executor(), host_, bus::LoopConnection::Settings{});
        run_until([this] { return host_.readied == 1; });
    }

    void run_until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < end) {
            loop_.restart();
            loop_.run_one_for(std::chrono::seconds(1));
        }
        ASSERT_TRUE(done());
    }

    static bus::Call call_of(const char* method, const char* argument,
                             std::chrono::milliseconds limit = patience) {
        return {.destination = Peer::name,
                .path = "/any",
                .interface = "test.Interface",
                .method = method,
                .signature = "s",
                .arguments = {argument},
                .limit = limit};
    }

    Result<std::vector<Value>> answer_of(const bus::Call& call) {
        Answer answer;
        EXPECT_TRUE(connection_->call(call, [&answer](auto result) { answer = std::move(result); }));
        EXPECT_FALSE(answer); // later, never at once
        run_until([&answer] { return answer.has_value(); });
        return answer.value_or(fail(ErrorKind::TimedOut, "no answer"));
    }

    static void emit(bus::Bus& from, const char* member) {
        ASSERT_GE(sd_bus_emit_signal(from.raw(), "/there", "test.Signals", member, "i", 7), 0);
        ASSERT_GE(sd_bus_flush(from.raw()), 0);
    }

    io::io_context loop_;
    std::optional<PrivateBus> daemon_;
    std::optional<Peer> peer_;
    AHost host_;
    std::optional<bus::LoopConnection> connection_;
};

TEST_F(LoopRequests, CannotBeMadeWithoutABus) {
    bus::LoopConnection unconnected(loop_.get_executor(), host_, {});
    EXPECT_EQ(unconnected.call(call_of("Echo", "x"), [](const auto&) {}).error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(unconnected.watch("type='signal'", [](const auto&) {}).error().kind(), ErrorKind::NotFound);
}

TEST_F(LoopRequests, GetWhatTheOtherSideAnswers) {
    connect();
    EXPECT_EQ(answer_of(call_of("Echo", "grüße")).value(), std::vector<Value>{"grüße"});
    const auto failed = answer_of(call_of("Fail", "not today"));
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().text(), HasSubstr("test.Error.Failed: not today"));
}

TEST_F(LoopRequests, GetAnErrorWhereNobodyAnswers) {
    connect();
    bus::Call nobody = call_of("Echo", "x");
    nobody.destination = "test.Nobody";
    EXPECT_EQ(answer_of(nobody).error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(answer_of(call_of("Quiet", "x", std::chrono::milliseconds(50))).error().kind(),
              ErrorKind::TimedOut);
    EXPECT_EQ(host_.losses, 0);
}

TEST_F(LoopRequests, HearTheSignalsTheyWatchForAndWhoSentThem) {
    connect();
    std::vector<bus::ReceivedSignal> heard;
    ASSERT_TRUE(connection_->watch("type='signal',interface='test.Signals',member='Wanted'",
                                   [&heard](const bus::ReceivedSignal& signal) { heard.push_back(signal); }));
    ASSERT_TRUE(answer_of(call_of("Echo", "the rule is known now")));
    bus::Bus sender = bus::Bus::open_system().value();
    const char* unique = nullptr;
    ASSERT_GE(sd_bus_get_unique_name(sender.raw(), &unique), 0);
    emit(sender, "Unwanted");
    emit(sender, "Wanted");
    run_until([&heard] { return !heard.empty(); });
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].sender, unique);
    EXPECT_EQ(heard[0].path, "/there");
    EXPECT_EQ(heard[0].member, "Wanted");
    EXPECT_EQ(heard[0].arguments, std::vector<Value>{std::int32_t{7}});
}

TEST_F(LoopRequests, EndWithTheBus) {
    connect();
    Answer answer;
    ASSERT_TRUE(
        connection_->call(call_of("Quiet", "x"), [&answer](auto result) { answer = std::move(result); }));
    peer_.reset();
    daemon_.reset();
    run_until([this] { return host_.losses == 1; });
    EXPECT_TRUE(!answer || !*answer); // an error, or nothing at all
    EXPECT_EQ(connection_->call(call_of("Echo", "x"), [](const auto&) {}).error().kind(),
              ErrorKind::NotFound);
}

TEST_F(LoopRequests, AreForgottenWithTheConnection) {
    connect();
    bool is_called = false;
    ASSERT_TRUE(connection_->call(call_of("Echo", "x"), [&is_called](const auto&) { is_called = true; }));
    connection_.reset();
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(10));
    EXPECT_FALSE(is_called);
}

} // namespace
} // namespace mandos::test
