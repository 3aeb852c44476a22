#include "programs/mandos/daemon.h"

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace mandos::server {

namespace {

[[noreturn]] void wait_for_daemon(const UniqueFd& daemon) {
    char byte = 0;
    ssize_t got = 0;
    do
        got = read(daemon.get(), &byte, 1);
    while (got < 0 && errno == EINTR);
    _exit(got == 1 ? 0 : 1); // not exit(): what the daemon inherited is not this process' to flush
}

} // namespace

Result<Daemon> Daemon::start() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail_errno(errno, "cannot make a pipe to the daemon");
    UniqueFd from_daemon(ends[0]);
    UniqueFd to_starter(ends[1]);
    const pid_t child = fork();
    if (child < 0)
        return fail_errno(errno, "cannot become a daemon");
    if (child > 0) {
        to_starter.reset();
        wait_for_daemon(from_daemon);
    }
    if (setsid() < 0)
        return fail_errno(errno, "cannot start a session");
    // A session leader could get a terminal by opening one (credentials(7)); its child cannot.
    const pid_t grandchild = fork();
    if (grandchild < 0)
        return fail_errno(errno, "cannot become a daemon");
    if (grandchild > 0)
        _exit(0);
    return Daemon(std::move(to_starter));
}

Result<void> Daemon::ready() {
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null)
        return fail_errno(errno, "cannot open /dev/null");
    if (chdir("/") != 0)
        return fail_errno(errno, "cannot change to directory /");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (dup2(null.get(), standard) < 0)
            return fail_errno(errno, "cannot let go of descriptor {}", standard);
    const Result<void> told = write_all(starter_.get(), as_bytes("r"));
    starter_.reset();
    return told;
}

std::string pid_file_path() {
    struct stat status{};
    const bool has_run = stat("/run", &status) == 0 && S_ISDIR(status.st_mode);
    return has_run ? "/run/mandos.pid" : "/var/run/mandos.pid";
}

Result<void> write_pid_file(const std::string& path) {
    constexpr mode_t readable_by_all = 0644;
    return write_file_atomically(path, as_bytes(fmt::format("{}\n", getpid())), readable_by_all);
}

} // namespace mandos::server
