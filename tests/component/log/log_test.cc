// The log against a real datagram socket, in the place of /dev/log.
#include "adapters/log/log.h"

#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/component/log/receiver.h"
#include "wire/mandos_conf.h"

using mandos::log::Copy;
using mandos::log::Log;
using mandos::test::Receiver;
using mandos::wire::LogLevel;

namespace {

class SystemLog : public testing::Test {
  protected:
    // Without a journal.
    Log::Settings settings() const { return {.journal = "", .socket = socket_.path()}; }
    static std::string line(int priority, std::string_view text) {
        return fmt::format("<{}>Mandos [{}]: {}", priority, getpid(), text) + '\0';
    }

    Receiver socket_;
};

} // namespace

TEST_F(SystemLog, GetsNoLineBelowTheLevel) {
    Log::Settings quiet = settings();
    quiet.level = LogLevel::Warning;
    Log log(quiet);
    log.write(LogLevel::Notice, "quiet");
    log.write(LogLevel::Debug, "quieter");
    EXPECT_EQ(socket_.next(), "(nothing)");
}

TEST_F(SystemLog, GetsEachLineAsMandosAlwaysSentIt) {
    Log::Settings all = settings();
    all.level = LogLevel::Debug;
    Log log(all);
    log.write(LogLevel::Warning, "something");
    EXPECT_EQ(socket_.next(), line(28, "WARNING: something"));
    log.write(LogLevel::Info, "less");
    EXPECT_EQ(socket_.next(), line(30, "INFO: less"));
    log.write(LogLevel::Critical, "more");
    EXPECT_EQ(socket_.next(), line(26, "CRITICAL: more"));
}

TEST_F(SystemLog, SeesAnotherServiceNameInFront) {
    Log::Settings other = settings();
    other.service_name = "Mandos #2";
    Log log(other);
    log.write(LogLevel::Error, "x");
    EXPECT_EQ(socket_.next(), fmt::format("<27>Mandos (Mandos #2) [{}]: ERROR: x", getpid()) + '\0');
}

TEST_F(SystemLog, IsFoundAgainAfterItWasStartedAgain) {
    Log log(settings());
    log.write(LogLevel::Error, "before");
    socket_.open();
    log.write(LogLevel::Error, "after");
    EXPECT_EQ(socket_.next(), line(27, "ERROR: after"));
}

TEST_F(SystemLog, ThatIsFullBlocksNobodyAndIsToldWhatItLost) {
    Log log(settings());
    constexpr int far_too_many = 2000;
    for (int i = 0; i < far_too_many; ++i)
        log.write(LogLevel::Error, "a line");
    int received = 0;
    while (socket_.next() != "(nothing)")
        ++received;
    ASSERT_LT(received, far_too_many);
    log.write(LogLevel::Error, "room again");
    EXPECT_EQ(socket_.next(), line(27, fmt::format("ERROR: ({} lines before this one were lost) room again",
                                                   far_too_many - received)));
}

TEST(Log, GoesToStandardErrorWhenThereIsNoSystemLog) {
    Log log({.journal = "/nonexistent/journal", .socket = "/nonexistent/log"});
    testing::internal::CaptureStderr();
    log.write(LogLevel::Warning, "to whom it may concern");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(text.ends_with(fmt::format(" mandos [{}]: WARNING: to whom it may concern\n", getpid())))
        << text;
}
