#include "tests/component/bus_service/private_bus.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include "base/check.h"
#include "base/unique_fd.h"

namespace mandos::test {

const std::string PrivateBus::everything = R"(
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="false"/><allow receive_sender="*"/>
  </policy>)";

PrivateBus::PrivateBus(const std::string& policy) {
    std::string folder = std::filesystem::temp_directory_path() / "mandos-bus-XXXXXX";
    check(mkdtemp(folder.data()) != nullptr, "a temporary folder can be made");
    check(chmod(folder.c_str(), 0755) == 0, "others may find the socket");
    folder_ = folder;
    address_ = "unix:path=" + folder_ + "/socket";
    std::ofstream(folder_ + "/bus.conf") << fmt::format(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
        "<busconfig><type>system</type><listen>{}</listen><auth>EXTERNAL</auth>{}</busconfig>\n",
        address_, policy);
    start();
}

PrivateBus::~PrivateBus() {
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void PrivateBus::start() {
    std::array<int, 2> ends{};
    check(pipe2(ends.data(), O_CLOEXEC) == 0, "a pipe can be made");
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, writer.get(), 1);
    std::string program = "dbus-daemon";
    std::string configuration = "--config-file=" + folder_ + "/bus.conf";
    std::string fork = "--nofork";
    std::string pid_file = "--nopidfile";
    std::string print = "--print-address=1";
    std::array<char*, 6> arguments{program.data(),  configuration.data(), fork.data(),
                                   pid_file.data(), print.data(),         nullptr};
    std::filesystem::remove(folder_ + "/socket");
    check(posix_spawnp(&process_, program.c_str(), &actions, nullptr, arguments.data(), environ) == 0,
          "dbus-daemon is installed");
    posix_spawn_file_actions_destroy(&actions);
    writer.reset();
    char first = 0;
    check(read(reader.get(), &first, 1) == 1, "dbus-daemon starts and prints its address");
}

void PrivateBus::kill() {
    if (process_ < 0)
        return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

void PrivateBus::pause() {
    ::kill(process_, SIGSTOP);
}

void PrivateBus::go_on() {
    ::kill(process_, SIGCONT);
}

} // namespace mandos::test
