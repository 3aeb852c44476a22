#include "adapters/processes/find.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

using mandos::processes::find;
using mandos::processes::look_at;
using mandos::processes::Process;

namespace {

// A program that runs until the test is over, called NAME.
class Running {
  public:
    explicit Running(const std::string& name) {
        std::array<int, 2> executed{};
        EXPECT_EQ(pipe2(executed.data(), O_CLOEXEC), 0);
        pid_ = fork();
        if (pid_ == 0) {
            (void)execl("/bin/sleep", name.c_str(), "infinity", nullptr);
            _exit(1);
        }
        (void)close(executed[1]);
        char nothing = 0;
        EXPECT_EQ(read(executed[0], &nothing, 1), 0); // closed by exec
        (void)close(executed[0]);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        (void)kill(pid_, SIGKILL);
        (void)waitpid(pid_, nullptr, 0);
    }
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
};

std::string name_of_this_test() {
    return "/a/folder/mandos-find-test-" + std::to_string(getpid());
}

mandos::processes::Wanted called(const std::string& name) {
    return [name](const Process& process) { return process.base_name() == name; };
}

// A pid file with TEXT.
std::string pid_file(const std::string& text) {
    const std::string path = testing::TempDir() + "mandos-pid-" + std::to_string(getpid());
    std::ofstream(path) << text;
    return path;
}

} // namespace

TEST(Processes, AreSeenAsTheyWereStarted) {
    const Running running(name_of_this_test());
    const auto process = look_at(running.pid());
    ASSERT_TRUE(process);
    EXPECT_EQ(process->pid, running.pid());
    EXPECT_EQ(process->user, geteuid());
    EXPECT_EQ(process->arguments, (std::vector<std::string>{name_of_this_test(), "infinity"}));
    EXPECT_EQ(process->executable, std::filesystem::canonical("/bin/sleep"));
    EXPECT_EQ("/a/folder/" + process->base_name(), name_of_this_test());
}

TEST(Processes, AreNoneWithoutACommandLine) {
    EXPECT_FALSE(look_at(0));
    EXPECT_FALSE(look_at(-1));
    const pid_t ended = fork();
    if (ended == 0)
        _exit(0);
    siginfo_t information{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(ended), &information, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(look_at(ended)); // it waits to be reaped
    EXPECT_EQ(waitpid(ended, nullptr, 0), ended);
    EXPECT_FALSE(look_at(ended));
}

TEST(Processes, AreFoundByName) {
    const std::string name = std::filesystem::path(name_of_this_test()).filename();
    EXPECT_FALSE(find(called(name)));
    const Running running(name_of_this_test());
    const auto found = find(called(name));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pid, running.pid());
}

TEST(Processes, AreFoundByPidFileFirst) {
    const std::string name = std::filesystem::path(name_of_this_test()).filename();
    const Running first(name_of_this_test());
    const Running second(name_of_this_test());
    for (const pid_t pid : {first.pid(), second.pid()}) {
        const std::array files{std::string("/nonexistent/pid"), pid_file(std::to_string(pid) + "\n")};
        const auto found = find(files, called(name));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->pid, pid);
    }
}

TEST(Processes, AreFoundWhateverAPidFileSays) {
    const std::string name = std::filesystem::path(name_of_this_test()).filename();
    const Running running(name_of_this_test());
    for (const std::string& text :
         {std::string(), std::string("nonsense"), std::string("-1\n"), std::to_string(getpid()),
          std::string(1000, '1'), std::string("99999999999999999999")}) {
        const std::array files{pid_file(text)};
        const auto found = find(files, called(name));
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(found->pid, running.pid()) << text;
        EXPECT_FALSE(find(files, called("mandos-is-called-so-by-nobody"))) << text;
    }
}
