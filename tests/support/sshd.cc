#include "tests/support/sshd.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace mandos::support {

namespace {

// In the child: a /run of its own, with the empty folder that sshd wants there.
void make_run_folder() {
    const bool made = unshare(CLONE_NEWNS) == 0
                      && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
                      && mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0;
    if (!made || !std::filesystem::create_directory("/run/sshd"))
        _exit(EXIT_FAILURE);
}

} // namespace

Sshd::Sshd(const std::vector<std::string>& types) {
    folder_ = "/tmp/mandos-sshd-XXXXXX";
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    std::vector<std::string> arguments{
        "/usr/sbin/sshd",         "-D", "-e", "-f", "/dev/null", "-o", "PidFile=none", "-o",
        "ListenAddress=127.0.0.1"};
    for (const std::string& type : types) {
        const std::string file = folder_ + "/" + type;
        EXPECT_EQ(system(fmt::format("ssh-keygen -q -t {} -N '' -C '' -f {}", type, file).c_str()), 0);
        arguments.insert(arguments.end(), {"-h", file});
    }
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);

    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    process_ = fork();
    if (process_ == 0) {
        (void)setpgid(0, 0);
        make_run_folder();
        if (dup2(writing.get(), STDERR_FILENO) == STDERR_FILENO)
            (void)execv(pointers.front(), pointers.data());
        _exit(EXIT_FAILURE);
    }
    (void)setpgid(process_, process_);
    writing.reset();
    std::string said;
    std::array<char, 512> piece{};
    while (!said.contains("Server listening on 127.0.0.1 port 22.")) {
        const ssize_t got = read(reading.get(), piece.data(), piece.size());
        if (got <= 0)
            break;
        said.append(piece.data(), static_cast<std::size_t>(got));
    }
    EXPECT_TRUE(said.contains("Server listening on 127.0.0.1 port 22.")) << said;
}

Sshd::~Sshd() {
    (void)kill(-process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR)
        continue;
    std::filesystem::remove_all(folder_);
}

std::string Sshd::key_line(const std::string& type) const {
    std::ifstream file(folder_ + "/" + type + ".pub");
    std::string name;
    std::string key;
    file >> name >> key;
    return name + " " + key;
}

} // namespace mandos::support
