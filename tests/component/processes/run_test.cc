#include "adapters/processes/run.h"

#include <chrono>
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

using mandos::processes::Command;
using mandos::processes::EndingSignals;
using mandos::processes::Outcome;
using mandos::processes::run;

namespace {

constexpr auto soon = std::chrono::milliseconds(50);
constexpr auto never = std::chrono::minutes(1); // in a passing test

Command shell(const std::string& script) {
    return {.arguments = {"/bin/sh", "-c", script}};
}

Outcome outcome_of(const Command& command) {
    const auto outcome = run(command, nullptr, never);
    EXPECT_TRUE(outcome) << outcome.error().text();
    return outcome.value_or(Outcome{.how = Outcome::How::TimedOut});
}

bool has_children() {
    return waitpid(-1, nullptr, WNOHANG) >= 0;
}

} // namespace

TEST(RunCommand, TellsHowItEnded) {
    EXPECT_TRUE(outcome_of(shell("exit 0")).succeeded());
    const Outcome failed = outcome_of(shell("exit 7"));
    EXPECT_EQ(failed.how, Outcome::How::Exited);
    EXPECT_EQ(failed.number, 7);
    const Outcome killed = outcome_of(shell("kill -9 $$"));
    EXPECT_EQ(killed.how, Outcome::How::Killed);
    EXPECT_EQ(killed.number, SIGKILL);
    for (const char* path : {"/nonexistent", "/etc/passwd", "/"}) {
        EXPECT_EQ(outcome_of({.arguments = {path}}).how, Outcome::How::Exited) << path;
        EXPECT_EQ(outcome_of({.arguments = {path}}).number, 127) << path;
    }
    EXPECT_FALSE(has_children());
}

TEST(RunCommand, EndsWhatTakesTooLong) {
    const auto outcome = run(shell("trap '' TERM; exec sleep 1000"), nullptr, soon);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->how, Outcome::How::TimedOut);
    EXPECT_FALSE(has_children());
}

TEST(RunCommand, LetsADaemonLive) {
    const Command daemon{.arguments = {"/bin/sleep", "1000"}, .life = Command::Life::ItsOwn};
    const auto outcome = run(daemon, nullptr, soon);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->how, Outcome::How::TimedOut);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0) << "it is gone";
    // It is the only child.
    siginfo_t information{};
    EXPECT_EQ(outcome_of(shell("pkill -KILL --parent $PPID --exact sleep")).number, 0);
    EXPECT_EQ(waitid(P_ALL, 0, &information, WEXITED), 0);
    EXPECT_EQ(information.si_code, CLD_KILLED);
}

TEST(RunCommand, IsInterruptedByASignalThatCameBeforeToo) {
    const auto before = [] {
        sigset_t mask{};
        (void)pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        return mask;
    }();
    const auto signals = EndingSignals::hold();
    ASSERT_TRUE(signals) << signals.error().text();
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
        ASSERT_EQ(kill(getpid(), number), 0);
        const auto outcome = run(shell("exec sleep 1000"), &*signals, never);
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->how, Outcome::How::Interrupted);
        EXPECT_EQ(outcome->number, number);
        EXPECT_FALSE(has_children());
    }
    EXPECT_FALSE(signals->take());
    // The command itself is ended by them as ever.
    EXPECT_EQ(outcome_of(shell("kill -TERM $$; sleep 1000")).number, SIGTERM);
    (void)pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(RunCommand, WaitsForTheEndOfAnother) {
    using mandos::processes::send_signal;
    using mandos::processes::wait_for_end;
    const pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    const auto waited = wait_for_end(child, soon);
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().kind(), mandos::ErrorKind::TimedOut);
    EXPECT_TRUE(send_signal(child, SIGKILL, Command::User::AsWeAre));
    EXPECT_TRUE(wait_for_end(child, never));
    EXPECT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(wait_for_end(child, never)); // there is none
    EXPECT_TRUE(send_signal(child, SIGKILL, Command::User::AsWeAre));
}
