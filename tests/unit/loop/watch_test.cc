#include "loop/watch.h"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "loop/clock.h"

using mandos::ErrorKind;
using mandos::Result;
using mandos::UniqueFd;
using mandos::loop::Watch;
namespace io = mandos::io;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Watch::Deadline in(milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

struct Watched {
    Watched() {
        std::array<int, 2> fds{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
        watch.emplace(loop.get_executor(), UniqueFd(fds[0]));
        other.reset(fds[1]);
    }
    // Starts WAIT, does MEANWHILE, runs the loop until the wait is over, and returns how it ended.
    Result<void> run(io::awaitable<Result<void>> wait, const std::function<void()>& meanwhile = [] {}) {
        std::optional<Result<void>> outcome;
        io::co_spawn(loop, std::move(wait), [&outcome](const std::exception_ptr&, Result<void> result) {
            outcome = std::move(result);
        });
        io::post(loop, meanwhile);
        loop.restart();
        const auto give_up = in(seconds(10));
        while (!outcome && loop.run_one_until(give_up) == 1) {
        }
        return outcome ? *outcome : mandos::fail(ErrorKind::System, "the wait does not end");
    }

    io::io_context loop;
    std::optional<Watch> watch;
    UniqueFd other;
};

} // namespace

TEST(Watch, EndsAWaitAtItsDeadline) {
    Watched watched;
    watched.watch->set_deadline(in(milliseconds(20)));
    const auto before = mandos::loop::now();
    EXPECT_EQ(watched.run(watched.watch->readable()).error().kind(), ErrorKind::TimedOut);
    EXPECT_GE(mandos::loop::now() - before, milliseconds(19));
    EXPECT_EQ(watched.run(watched.watch->readable()).error().kind(), ErrorKind::TimedOut);
}

TEST(Watch, KeepsToADeadlineThatWasMovedForwardAndBack) {
    Watched watched;
    watched.watch->set_deadline(in(hours(1)));
    watched.watch->set_deadline(in(milliseconds(10)));
    EXPECT_EQ(watched.run(watched.watch->readable()).error().kind(), ErrorKind::TimedOut);

    watched.watch->set_deadline(in(milliseconds(10)));
    watched.watch->set_deadline(in(milliseconds(60)));
    const auto before = mandos::loop::now();
    EXPECT_EQ(watched.run(watched.watch->readable()).error().kind(), ErrorKind::TimedOut);
    EXPECT_GE(mandos::loop::now() - before, milliseconds(40));
}

TEST(Watch, EndsAWaitThatIsCancelledAndEachAfterIt) {
    Watched watched;
    EXPECT_EQ(watched.run(watched.watch->readable(), [&watched] { watched.watch->cancel(); }).error().kind(),
              ErrorKind::Interrupted);
    EXPECT_EQ(watched.run(watched.watch->writable()).error().kind(), ErrorKind::Interrupted);
}

TEST(Watch, GoesOnAfterAnInterruptedWait) {
    Watched watched;
    EXPECT_EQ(
        watched.run(watched.watch->readable(), [&watched] { watched.watch->interrupt(); }).error().kind(),
        ErrorKind::Interrupted);
    EXPECT_TRUE(watched.run(watched.watch->writable()));
}

TEST(Watch, WakesWhenThereIsSomethingToRead) {
    Watched watched;
    watched.watch->set_deadline(in(hours(1)));
    EXPECT_TRUE(watched.run(watched.watch->readable(),
                            [&watched] { EXPECT_EQ(write(watched.other.get(), "x", 1), 1); }));
    EXPECT_TRUE(watched.run(watched.watch->writable()));
}

TEST(Watch, WakesWhenTheOtherSideHangsUp) {
    Watched watched;
    EXPECT_TRUE(watched.run(watched.watch->readable(), [&watched] { watched.other.reset(); }));
}

TEST(Watch, ClosesItsDescriptorAndForgetsItsTimerWhenItGoes) {
    Watched watched;
    watched.watch->set_deadline(in(hours(1)));
    const int descriptor = watched.watch->descriptor();
    watched.watch.reset();
    EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
    watched.loop.restart();
    watched.loop.run(); // ends: nothing is left to wait for
}
