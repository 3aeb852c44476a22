#include "programs/mandos-client/two_processes.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::client {

namespace {

// What is written to it fails from now on.
Result<void> lose_standard_output() {
    const UniqueFd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing || dup2(nothing.get(), STDOUT_FILENO) < 0)
        return fail_errno(errno, "cannot open /dev/null in place of standard output");
    return {};
}

} // namespace

Result<std::variant<Fetcher, Manager>> split() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return fail_errno(errno, "cannot make a socket pair");
    UniqueFd for_manager(ends[0]);
    UniqueFd for_fetcher(ends[1]);
    const pid_t manager = getpid();
    const pid_t pid = fork();
    if (pid < 0)
        return fail_errno(errno, "cannot make a process");
    if (pid == 0)
        return Manager{.pid = manager, .channel = std::move(for_fetcher)};
    Fetcher fetcher{.pid = pid, .ended = {}, .channel = std::move(for_manager)};
    // Not pidfd_open(): the header of glibc 2.36 declares it for C only.
    fetcher.ended.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!fetcher.ended)
        return fail_errno(errno, "cannot watch a process");
    MANDOS_TRY(lose_standard_output());
    return fetcher;
}

void end_with(const Manager& manager) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != manager.pid) // it ended before that
        _exit(EXIT_FAILURE);
}

} // namespace mandos::client
