// The log against a socket in the place of the journal's.
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/log/log.h"
#include "tests/component/log/receiver.h"
#include "wire/mandos_conf.h"

using mandos::log::Copy;
using mandos::log::Log;
using mandos::test::Receiver;
using mandos::wire::LogLevel;

namespace {

class Journal : public testing::Test {
  protected:
    Log::Settings settings() const { return {.journal = journal_.path(), .socket = syslog_.path()}; }

    static std::string entry(std::string_view fields, std::string_view message, int priority) {
        return fmt::format("{}MESSAGE={}\nPRIORITY={}\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=mandos\n"
                           "MANDOS_SERVICE=Mandos\n",
                           fields, message, priority);
    }

    Receiver journal_;
    Receiver syslog_;
};

// What WRITE leaves on standard error.
template <class Write>
std::string standard_error_of(const Write& write) {
    testing::internal::CaptureStderr();
    write();
    return testing::internal::GetCapturedStderr();
}

} // namespace

TEST_F(Journal, GetsEachLineWithItsFieldsAndNobodyElseDoes) {
    Log log(settings());
    const std::string error = standard_error_of(
        [&log] { log.write(LogLevel::Warning, "text", {{.name = "MANDOS_CLIENT", .value = "web"}}); });
    EXPECT_EQ(journal_.next(), entry("MANDOS_CLIENT=web\n", "text", 4));
    EXPECT_EQ(journal_.next(), "(nothing)");
    EXPECT_EQ(syslog_.next(), "(nothing)");
    EXPECT_EQ(error, "");
}

TEST_F(Journal, GetsNothingBelowTheLevel) {
    Log log(settings());
    log.write(LogLevel::Info, "quiet", {{.name = "MANDOS_CLIENT", .value = "web"}});
    EXPECT_EQ(journal_.next(), "(nothing)");
}

TEST_F(Journal, GetsALongEntryAsAFileThatNobodyCanChange) {
    Log log(settings());
    const std::string value((std::size_t{4} << 20) + 1, 'x');
    log.write(LogLevel::Notice, "text", {{.name = "MANDOS_CAUSE", .value = value}});
    EXPECT_EQ(journal_.next(), "");
    const int file = journal_.file().get();
    ASSERT_GE(file, 0);
    const std::string expected = entry("MANDOS_CAUSE=" + value + "\n", "text", 5);
    std::string found(expected.size() + 1, '\0');
    ASSERT_EQ(pread(file, found.data(), found.size(), 0), static_cast<ssize_t>(expected.size()));
    found.pop_back();
    EXPECT_TRUE(found == expected);
    EXPECT_EQ(fcntl(file, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

TEST_F(Journal, GetsSixtyFourKilobytesInOneDatagram) {
    Log log(settings());
    const std::string value(std::size_t{64} << 10, 'x');
    log.write(LogLevel::Notice, "text", {{.name = "MANDOS_CAUSE", .value = value}});
    EXPECT_TRUE(journal_.next() == entry("MANDOS_CAUSE=" + value + "\n", "text", 5));
    EXPECT_LT(journal_.file().get(), 0);
}

TEST_F(Journal, ThatIsAwayLeavesTheLinesToTheSystemLogUntilItIsBack) {
    Log log(settings());
    log.write(LogLevel::Error, "before");
    EXPECT_EQ(journal_.next(), entry("", "before", 3));
    journal_.close();
    log.write(LogLevel::Error, "away");
    EXPECT_EQ(syslog_.next(), fmt::format("<27>Mandos [{}]: ERROR: away", getpid()) + '\0');
    syslog_.close();
    EXPECT_NE(standard_error_of([&log] { log.write(LogLevel::Error, "nobody"); }).find("ERROR: nobody\n"),
              std::string::npos);
    journal_.open();
    log.write(LogLevel::Error, "back");
    EXPECT_EQ(journal_.next(), entry("", "back", 3));
    EXPECT_EQ(journal_.next(), "(nothing)");
}

TEST_F(Journal, ThatIsFullBlocksNobodyAndIsToldWhatItLost) {
    Log log(settings());
    constexpr int far_too_many = 2000;
    const std::string error = standard_error_of([&log] {
        for (int i = 0; i < far_too_many; ++i)
            log.write(LogLevel::Error, "a line");
    });
    EXPECT_EQ(error, "");
    EXPECT_EQ(syslog_.next(), "(nothing)");
    int received = 0;
    while (journal_.next() != "(nothing)")
        ++received;
    ASSERT_LT(received, far_too_many);
    log.write(LogLevel::Error, "room again");
    EXPECT_EQ(journal_.next(),
              entry("",
                    fmt::format("({} lines before this one were lost) room again", far_too_many - received),
                    3));
}

TEST_F(Journal, IsNotToldAgainByStandardErrorThatEndsThere) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const int kept = dup(STDERR_FILENO);
    ASSERT_EQ(dup2(pipe[1], STDERR_FILENO), STDERR_FILENO);
    struct stat end{};
    ASSERT_EQ(fstat(STDERR_FILENO, &end), 0);
    ASSERT_EQ(setenv("JOURNAL_STREAM", fmt::format("{}:{}", end.st_dev, end.st_ino).c_str(), 1), 0);
    Log::Settings copied = settings();
    copied.copy = Copy::Always;
    {
        Log log(copied);
        log.write(LogLevel::Error, "once");
    }
    // Of somebody else's standard error it says nothing.
    ASSERT_EQ(setenv("JOURNAL_STREAM", fmt::format("{}:{}", end.st_dev, end.st_ino + 1).c_str(), 1), 0);
    {
        Log log(copied);
        log.write(LogLevel::Error, "twice");
    }
    ASSERT_EQ(unsetenv("JOURNAL_STREAM"), 0);
    ASSERT_EQ(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    close(pipe[1]);
    std::array<char, 4096> copy{};
    const ssize_t got = read(pipe[0], copy.data(), copy.size());
    close(pipe[0]);
    ASSERT_GT(got, 0);
    const std::string text(copy.data(), static_cast<std::size_t>(got));
    EXPECT_TRUE(text.ends_with("ERROR: twice\n")) << text;
    EXPECT_EQ(text.find("once"), std::string::npos);
    EXPECT_EQ(journal_.next(), entry("", "once", 3));
    EXPECT_EQ(journal_.next(), entry("", "twice", 3));
}
