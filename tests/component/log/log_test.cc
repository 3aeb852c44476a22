// The log against a real datagram socket, in the place of /dev/log.
#include "adapters/log/log.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "wire/mandos_conf.h"

using mandos::UniqueFd;
using mandos::log::Copy;
using mandos::log::Log;
using mandos::wire::LogLevel;

namespace {

class SystemLog : public testing::Test {
  protected:
    SystemLog() : directory_(testing::TempDir() + "mandos-log-XXXXXX") {
        EXPECT_NE(mkdtemp(directory_.data()), nullptr);
        open();
    }
    ~SystemLog() override { std::filesystem::remove_all(directory_); }

    std::string path() const { return directory_ + "/log"; }
    void open() {
        std::filesystem::remove(path());
        socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        std::ranges::copy(path(), address.sun_path);
        ASSERT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    // The next line that came; "(nothing)" when none did.
    std::string next() {
        std::array<char, 4096> buffer{};
        const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
        return got < 0 ? "(nothing)" : std::string(buffer.data(), static_cast<std::size_t>(got));
    }
    std::string line(int priority, std::string_view text) const {
        return fmt::format("<{}>Mandos [{}]: {}", priority, getpid(), text) + '\0';
    }

  private:
    std::string directory_;
    UniqueFd socket_;
};

} // namespace

TEST_F(SystemLog, GetsNoLineBelowTheLevel) {
    Log log({.level = LogLevel::Warning, .socket = path()});
    log.write(LogLevel::Notice, "quiet");
    log.write(LogLevel::Debug, "quieter");
    EXPECT_EQ(next(), "(nothing)");
}

TEST_F(SystemLog, GetsEachLineAsMandosAlwaysSentIt) {
    Log log({.level = LogLevel::Debug, .socket = path()});
    log.write(LogLevel::Warning, "something");
    EXPECT_EQ(next(), line(28, "WARNING: something"));
    log.write(LogLevel::Info, "less");
    EXPECT_EQ(next(), line(30, "INFO: less"));
    log.write(LogLevel::Critical, "more");
    EXPECT_EQ(next(), line(26, "CRITICAL: more"));
}

TEST_F(SystemLog, SeesAnotherServiceNameInFront) {
    Log log({.service_name = "Mandos #2", .socket = path()});
    log.write(LogLevel::Error, "x");
    EXPECT_EQ(next(), fmt::format("<27>Mandos (Mandos #2) [{}]: ERROR: x", getpid()) + '\0');
}

TEST_F(SystemLog, IsFoundAgainAfterItWasStartedAgain) {
    Log log({.socket = path()});
    log.write(LogLevel::Error, "before");
    open();
    log.write(LogLevel::Error, "after");
    EXPECT_EQ(next(), line(27, "ERROR: after"));
}

TEST_F(SystemLog, ThatIsFullBlocksNobodyAndIsToldWhatItLost) {
    Log log({.socket = path()});
    constexpr int far_too_many = 2000;
    for (int i = 0; i < far_too_many; ++i)
        log.write(LogLevel::Error, "a line");
    int received = 0;
    while (next() != "(nothing)")
        ++received;
    ASSERT_LT(received, far_too_many);
    log.write(LogLevel::Error, "room again");
    EXPECT_EQ(next(), line(27, fmt::format("ERROR: ({} lines before this one were lost) room again",
                                           far_too_many - received)));
}

TEST(Log, GoesToStandardErrorWhenThereIsNoSystemLog) {
    Log log({.socket = "/nonexistent/log"});
    testing::internal::CaptureStderr();
    log.write(LogLevel::Warning, "to whom it may concern");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(text.ends_with(fmt::format(" mandos [{}]: WARNING: to whom it may concern\n", getpid())))
        << text;
}
