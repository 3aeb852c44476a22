// Real shells. Nothing may be left of any of them: not a zombie of ours, not a process in their groups.
#include "adapters/checker/shells.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

using mandos::Result;
using mandos::UniqueFd;
using mandos::checker::ShellEnded;
using mandos::checker::ShellErrors;
using mandos::checker::Shells;
namespace io = mandos::io;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 60s; // never needed by a passing test
// A time limit at which a shell, of a loaded machine too, has read its command and set its traps.
constexpr auto until_trapped = 2s;
constexpr Shells::Limits usual{.at_a_time = 16, .grace = 2s};

class ShellsTest : public testing::Test {
  protected:
    ShellsTest() {
        std::string name = "/tmp/mandos-shells-XXXXXX";
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~ShellsTest() override {
        EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
        EXPECT_EQ(errno, ECHILD);
        std::filesystem::remove_all(folder_);
    }

    // How COMMAND ends; the loop ends with it.
    ShellEnded run(const std::string& command, std::chrono::milliseconds limit = patience,
                   Shells::Limits limits = usual) {
        io::io_context loop;
        Shells shells(loop.get_executor(), ShellErrors::Discarded, limits);
        std::optional<ShellEnded> ended;
        shells.start(command, limit, [&ended](const Result<ShellEnded>& result) { ended = *result; });
        EXPECT_FALSE(ended);
        loop.run();
        return ended.value();
    }

    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    std::string content(const std::string& name) const {
        std::ifstream file(path(name));
        return {std::istreambuf_iterator<char>(file), {}};
    }

    // A pipe whose writing end a command inherits by its name only: at the end of the file nobody has it.
    UniqueFd reader_of_fifo(const std::string& name) const {
        EXPECT_EQ(mkfifo(path(name).c_str(), 0600), 0);
        return UniqueFd(open(path(name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    }

  private:
    std::string folder_;
};

// Runs LOOP until something was written into the FIFO; then THEN.
void when_written(io::posix::stream_descriptor& fifo, std::function<void()> then) {
    fifo.async_wait(io::posix::stream_descriptor::wait_read,
                    [then = std::move(then)](const std::error_code&) { then(); });
}

// Everything that had FIFO open for writing is gone, or goes soon.
bool writers_end(const UniqueFd& fifo) {
    std::array<char, 4096> buffer{};
    const auto end = std::chrono::steady_clock::now() + patience;
    (void)fcntl(fifo.get(), F_SETFL, 0); // reads block until the last writer has closed it
    while (std::chrono::steady_clock::now() < end)
        if (read(fifo.get(), buffer.data(), buffer.size()) == 0)
            return true;
    return false;
}

} // namespace

TEST_F(ShellsTest, TellsHowACommandEnded) {
    EXPECT_EQ(run("true").wait_status, 0);
    EXPECT_EQ(WEXITSTATUS(run("exit 3").wait_status), 3);
    EXPECT_EQ(WEXITSTATUS(run("exit 255").wait_status), 255);
    EXPECT_EQ(WEXITSTATUS(run("/does/not/exist").wait_status), 127);
    EXPECT_EQ(WEXITSTATUS(run("'").wait_status), 2); // a syntax error
    const ShellEnded killed = run("kill -9 $$");
    EXPECT_TRUE(WIFSIGNALED(killed.wait_status));
    EXPECT_EQ(WTERMSIG(killed.wait_status), SIGKILL);
    EXPECT_FALSE(killed.timed_out);
}

TEST_F(ShellsTest, EndsACommandAtItsTimeLimit) {
    const ShellEnded ended = run("sleep 1000", 20ms);
    EXPECT_TRUE(ended.timed_out);
    EXPECT_EQ(WTERMSIG(ended.wait_status), SIGTERM);
}

TEST_F(ShellsTest, KillsACommandThatIgnoresTheEndOfItsTime) {
    const ShellEnded ended =
        run("trap '' TERM; while :; do sleep 1000; done", until_trapped, {.at_a_time = 1, .grace = 100ms});
    EXPECT_TRUE(ended.timed_out);
    EXPECT_EQ(WTERMSIG(ended.wait_status), SIGKILL);
}

TEST_F(ShellsTest, LetsACommandTidyUpWithinTheGrace) {
    const ShellEnded ended =
        run(fmt::format("trap 'echo tidy >{}; exit 7' TERM; sleep 1000 & wait", path("tidy")), until_trapped);
    EXPECT_TRUE(ended.timed_out);
    EXPECT_EQ(WEXITSTATUS(ended.wait_status), 7);
    EXPECT_EQ(content("tidy"), "tidy\n");
}

TEST_F(ShellsTest, KillsWhatACommandLeavesRunning) {
    const UniqueFd fifo = reader_of_fifo("fifo");
    EXPECT_EQ(
        run(fmt::format("(trap '' TERM HUP; echo; exec sleep 1000) >{} & exit 0", path("fifo"))).wait_status,
        0);
    EXPECT_TRUE(writers_end(fifo));
}

TEST_F(ShellsTest, KillsChildrenThatIgnoreTheEndOfTheTime) {
    const UniqueFd fifo = reader_of_fifo("fifo");
    const std::string stubborn = "(trap '' TERM; exec sleep 1000) & ";
    EXPECT_TRUE(
        run(fmt::format("exec >{}; {}{}{} wait", path("fifo"), stubborn, stubborn, stubborn), until_trapped)
            .timed_out);
    EXPECT_TRUE(writers_end(fifo));
}

TEST_F(ShellsTest, AreNotHeldUpByFloodsOfOutput) {
    EXPECT_EQ(run("head -c 100000000 /dev/zero; head -c 100000000 /dev/zero >&2; exit 0").wait_status, 0);
    EXPECT_TRUE(run("yes", 50ms).timed_out);
}

TEST_F(ShellsTest, HaveNothingOfOurs) {
    // Blocked and ignored here; open here, and not close-on-exec.
    sigset_t blocked{};
    sigset_t before{};
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGUSR1);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto handler = std::signal(SIGPIPE, SIG_IGN);
    const UniqueFd leaked(
        fcntl(STDIN_FILENO, F_DUPFD, 50)); // NOLINT(android-cloexec-fcntl): that is the point
    ASSERT_TRUE(leaked);
    EXPECT_EQ(
        run(fmt::format(
                "for fd in 0 1 2; do [ /proc/$$/fd/$fd -ef /dev/null ] || exit 1; done; "
                "[ -e /proc/$$/fd/{0} ] && exit 2; pwd >{1}; "
                // No other process reads it: while one begins, the shell blocks all signals.
                "while read -r name value; do case $name in SigBlk:|SigIgn:) echo $name $value;; esac; done "
                "</proc/$$/status >{2}; "
                "ps -o pgid= -p $$ | tr -d ' ' >{3}; echo $$ >>{3}",
                leaked.get(), path("folder"), path("signals"), path("group")))
            .wait_status,
        0);
    (void)std::signal(SIGPIPE, handler);
    (void)pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(content("folder"), "/\n");
    // 32 and 33 are glibc's own, which posix_spawn(3) lets nobody have.
    EXPECT_EQ(content("signals"), "SigBlk: 0000000000000000\nSigIgn: 0000000180000000\n");
    const std::string group = content("group");
    const std::string first = group.substr(0, group.find('\n'));
    EXPECT_EQ(group, first + "\n" + first + "\n") << "no group of its own";
}

TEST_F(ShellsTest, ShowErrorsIfTheyAreWanted) {
    io::io_context loop;
    Shells shells(loop.get_executor(), ShellErrors::Inherited, usual);
    testing::internal::CaptureStderr();
    shells.start("echo noise; echo trouble >&2", patience, [](const Result<ShellEnded>&) {});
    loop.run();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "trouble\n");
}

TEST_F(ShellsTest, CallNobodyAfterAStop) {
    io::io_context loop;
    Shells shells(loop.get_executor(), ShellErrors::Discarded, {.at_a_time = 1, .grace = 100ms});
    io::posix::stream_descriptor fifo(loop, reader_of_fifo("fifo").release());
    const auto never = [](const Result<ShellEnded>&) { FAIL() << "it was stopped"; };
    const auto running = shells.start(
        fmt::format("exec >{}; trap '' TERM; echo begun; while :; do sleep 1000; done", path("fifo")),
        patience, never);
    const auto queued = shells.start(fmt::format("touch {}", path("queued")), patience, never);
    when_written(fifo, [&] {
        shells.stop(queued);
        shells.stop(running);
        shells.stop(running);
    });
    loop.run(); // until the process is reaped
    EXPECT_FALSE(std::filesystem::exists(path("queued")));
    UniqueFd reader(fifo.release());
    EXPECT_TRUE(writers_end(reader));
}

TEST_F(ShellsTest, AreKilledWithTheirOwner) {
    io::io_context loop;
    UniqueFd reader;
    {
        Shells shells(loop.get_executor(), ShellErrors::Discarded, usual);
        io::posix::stream_descriptor fifo(loop, reader_of_fifo("fifo").release());
        for (int i = 0; i < 3; ++i)
            shells.start(fmt::format("exec >{}; trap '' TERM; echo; sleep 1000; :", path("fifo")), patience,
                         [](const Result<ShellEnded>&) { FAIL() << "nobody is there"; });
        when_written(fifo, [&loop] { loop.stop(); });
        loop.run();
        reader = UniqueFd(fifo.release());
    }
    EXPECT_TRUE(writers_end(reader));
    loop.restart();
    loop.run();
}

TEST_F(ShellsTest, RunSoManyAtATimeAndTheOthersInOrder) {
    io::io_context loop;
    Shells shells(loop.get_executor(), ShellErrors::Discarded, {.at_a_time = 1, .grace = 2s});
    std::vector<int> order;
    for (int i = 0; i < 20; ++i)
        shells.start(fmt::format("echo {} >>{}", i, path("order")), patience,
                     [&order, i](const Result<ShellEnded>& e) {
                         EXPECT_EQ(e->wait_status, 0);
                         order.push_back(i);
                     });
    loop.run();
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_EQ(order.size(), 20U);
    EXPECT_TRUE(content("order").starts_with("0\n1\n2\n3\n"));
    EXPECT_TRUE(content("order").ends_with("\n18\n19\n"));
}

TEST_F(ShellsTest, CountTheTimeFromWhenItIsTheirTurn) {
    io::io_context loop;
    Shells shells(loop.get_executor(), ShellErrors::Discarded, {.at_a_time = 1, .grace = 2s});
    shells.start("sleep 1000", 1500ms, [](const Result<ShellEnded>& e) { EXPECT_TRUE(e->timed_out); });
    std::optional<ShellEnded> second;
    shells.start("true", 1400ms, [&second](const Result<ShellEnded>& e) { second = *e; });
    loop.run();
    EXPECT_FALSE(second.value().timed_out);
    EXPECT_EQ(second->wait_status, 0);
}

TEST_F(ShellsTest, CanBeStartedFromAHandler) {
    io::io_context loop;
    Shells shells(loop.get_executor(), ShellErrors::Discarded, {.at_a_time = 1, .grace = 2s});
    int left = 5;
    std::function<void()> again = [&] {
        shells.start("true", patience, [&](const Result<ShellEnded>&) {
            if (--left > 0)
                again();
        });
    };
    again();
    loop.run();
    EXPECT_EQ(left, 0);
}
