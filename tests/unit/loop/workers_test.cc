#include "loop/workers.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "loop/asio.h"

using mandos::ErrorKind;
using mandos::Result;
using mandos::loop::Workers;
namespace io = mandos::io;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 60s; // never needed by a passing test

// What calls hang on until it is opened; shared, since they may outlive the test.
class Gate {
  public:
    void wait() {
        std::unique_lock lock(mutex_);
        change_.wait(lock, [this] { return open_; });
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        change_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable change_;
    bool open_ = false;
};

} // namespace

TEST(Workers, AnswersAtTheTimeLimitWhenACallHangs) {
    io::io_context loop;
    const auto gate = std::make_shared<Gate>();
    std::optional<ErrorKind> kind;
    {
        Workers workers(loop.get_executor(), 2);
        workers.run<int>(
            [gate]() -> Result<int> {
                gate->wait();
                return 1;
            },
            20ms, [&kind](Result<int> result) { kind = result.error().kind(); });
        loop.run();
        EXPECT_EQ(kind, ErrorKind::TimedOut);
    } // does not wait for it either
    gate->open();
}

TEST(Workers, GoesOnBesideACallThatHangs) {
    io::io_context loop;
    const auto gate = std::make_shared<Gate>();
    Workers workers(loop.get_executor(), 2);
    const auto hanging = workers.run<void>(
        [gate]() -> Result<void> {
            gate->wait();
            return {};
        },
        patience, [](const Result<void>&) { FAIL() << "nobody waits for it"; });
    int done = 0;
    for (int i = 0; i < 100; ++i)
        workers.run<int>([i]() -> Result<int> { return i; }, patience,
                         [&](const Result<int>& result) {
                             EXPECT_TRUE(result);
                             if (++done == 100)
                                 workers.cancel(hanging);
                         });
    EXPECT_EQ(done, 0) << "a handler was called from within run()";
    loop.run();
    EXPECT_EQ(done, 100);
    gate->open();
}

TEST(Workers, NeverBeginsWhatNobodyWaitsForAnyMore) {
    io::io_context loop;
    const auto gate = std::make_shared<Gate>();
    const auto begun = std::make_shared<std::vector<std::string>>();
    Workers workers(loop.get_executor(), 1);
    workers.run<void>(
        [gate]() -> Result<void> {
            gate->wait();
            return {};
        },
        patience, [](const Result<void>&) {});
    const auto note = [begun](const char* name) {
        return [begun, name]() -> Result<void> {
            begun->emplace_back(name);
            return {};
        };
    };
    const auto cancelled = workers.run<void>(note("cancelled"), patience,
                                             [](const Result<void>&) { FAIL() << "it was cancelled"; });
    workers.run<void>(note("late"), 20ms, [&](const Result<void>& result) {
        EXPECT_EQ(result.error().kind(), ErrorKind::TimedOut);
        workers.cancel(cancelled);
        gate->open();
    });
    workers.run<void>(note("last"), patience, [](const Result<void>& result) { EXPECT_TRUE(result); });
    loop.run();
    EXPECT_EQ(*begun, std::vector<std::string>{"last"});
}

TEST(Workers, PassesOnWhatACallReturned) {
    io::io_context loop;
    Workers workers(loop.get_executor(), 4);
    std::optional<std::string> text;
    workers.run<std::string>([]() -> Result<std::string> { return "value"; }, patience,
                             [&](Result<std::string> result) { text = *std::move(result); });
    std::optional<std::string> error;
    workers.run<std::string>([]() -> Result<std::string> { return mandos::fail(ErrorKind::NotFound, "no"); },
                             patience, [&](Result<std::string> result) { error = result.error().text(); });
    loop.run();
    EXPECT_EQ(text, "value");
    EXPECT_EQ(error, "no");
}
