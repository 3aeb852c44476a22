#include "loop/child.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "loop/asio.h"

using mandos::Error;
using mandos::ErrorKind;
using mandos::Result;
using mandos::SecretBytes;
using mandos::loop::ChildLimits;
using mandos::loop::ChildTask;
namespace io = mandos::io;

namespace {

ChildLimits limits(std::chrono::milliseconds time = std::chrono::minutes(1), std::size_t output = 1000) {
    ChildLimits limits;
    limits.deadline = std::chrono::steady_clock::now() + time;
    limits.output = output;
    return limits;
}

Result<SecretBytes> run(ChildTask task, ChildLimits with = limits()) {
    io::io_context loop;
    std::optional<Result<SecretBytes>> result;
    io::co_spawn(loop, mandos::loop::in_child("working", std::move(task), with),
                 [&result](const std::exception_ptr&, Result<SecretBytes> got) { result = std::move(got); });
    loop.run();
    return *std::move(result);
}

Result<SecretBytes> text(const std::string& value) {
    return SecretBytes::copy_of(mandos::as_bytes(value));
}

// In the child: the pipe to its parent.
int output() {
    for (int fd = 3;; ++fd) {
        struct stat status{};
        if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode))
            return fd;
    }
}

bool no_child_is_left() {
    return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

} // namespace

TEST(Child, IsKilledAtItsDeadline) {
    const auto result = run(
        []() -> Result<SecretBytes> {
            for (;;)
                (void)pause();
        },
        limits(std::chrono::milliseconds(20)));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::TimedOut);
    EXPECT_EQ(result.error().text(), "working: nothing happened within the time limit");
    EXPECT_TRUE(no_child_is_left());
}

TEST(Child, IsKilledWhenItSaysTooMuch) {
    const auto result = run([] { return text(std::string(1001, 'x')); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::Exhausted);
    EXPECT_TRUE(no_child_is_left());
}

TEST(Child, MayCrashAlone) {
    const auto result = run([]() -> Result<SecretBytes> {
        (void)raise(SIGKILL);
        return text("not reached");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::System);
    EXPECT_EQ(result.error().text(), "working: its process was ended by signal 9");
    EXPECT_TRUE(no_child_is_left());
}

TEST(Child, IsNotBelievedWhenItEndsInItsOwnWay) {
    const auto result = run([]() -> Result<SecretBytes> {
        const char whole_success[] = "\0some of it";
        (void)!write(output(), whole_success, sizeof whole_success);
        _exit(7);
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(), "working: its process ended with status 7");

    const auto silent = run([]() -> Result<SecretBytes> { _exit(0); });
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().text(), "working: its process said nothing");

    const auto strange = run([]() -> Result<SecretBytes> {
        (void)!write(output(), "\xff?", 2);
        _exit(0);
    });
    ASSERT_FALSE(strange);
    EXPECT_EQ(strange.error().text(), "working: its process gave an answer of an unknown kind");
}

TEST(Child, HandsOnAnError) {
    const auto result =
        run([]() -> Result<SecretBytes> { return mandos::fail(ErrorKind::NotFound, "it is not there"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(result.error().text(), "working: it is not there");
}

TEST(Child, HasNoConnectionOfItsParentAndNoHandler) {
    std::array<int, 2> pipe_ends{};
    std::array<int, 2> sockets{};
    ASSERT_EQ(pipe2(pipe_ends.data(), O_CLOEXEC), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), 0);
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC); // as a library might have
    (void)signal(SIGTERM, [](int) {});
    const auto result = run([&]() -> Result<SecretBytes> {
        for (const int fd : {0, 1, pipe_ends[0], pipe_ends[1], sockets[0], sockets[1]})
            if (fcntl(fd, F_GETFD) >= 0)
                return text("a descriptor is open");
        if (fcntl(2, F_GETFD) < 0 || fcntl(file, F_GETFD) < 0)
            return text("a descriptor is closed");
        struct sigaction action{};
        (void)sigaction(SIGTERM, nullptr, &action);
        sigset_t blocked{};
        (void)sigprocmask(SIG_SETMASK, nullptr, &blocked);
        if (action.sa_handler != SIG_DFL || sigismember(&blocked, SIGTERM) != 0)
            return text("a signal is not as by default");
        return text("all is well");
    });
    (void)signal(SIGTERM, SIG_DFL);
    for (const int fd : {pipe_ends[0], pipe_ends[1], sockets[0], sockets[1], file})
        (void)close(fd);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(mandos::as_text(result->reveal()), "all is well");
}

TEST(Child, GivesAllThatItWasAskedFor) {
    for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 1000000U}) {
        const std::string much(size, '\0');
        const auto result = run([&much] { return text(much); }, limits(std::chrono::minutes(1), size));
        ASSERT_TRUE(result) << result.error().text();
        EXPECT_EQ(mandos::as_text(result->reveal()), much);
    }
    EXPECT_TRUE(no_child_is_left());
}

TEST(Child, EndsWithTheWaitForIt) {
    {
        io::io_context loop;
        io::co_spawn(loop,
                     mandos::loop::in_child(
                         "working",
                         []() -> Result<SecretBytes> {
                             for (;;)
                                 (void)pause();
                         },
                         limits()),
                     io::detached);
        loop.poll();
        EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0);
    }
    EXPECT_TRUE(no_child_is_left());
}
