#include "programs/mandos-client/hook_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::client {

namespace {

constexpr int cannot_be_executed = 126; // as shells say it
constexpr mode_t usual_umask = 022;     // this program's own is for secrets

// In the child, with what can be done there between fork(2) and execve(2). What fails is seen as a status.
[[noreturn]] void become_hook(const char* program, char* const* arguments, char* const* environment,
                              int output) noexcept {
    (void)setpgid(0, 0);
    for (int number = 1; number < NSIG; ++number)
        (void)signal(number, SIG_DFL);
    sigset_t none{};
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, nullptr);
    (void)umask(usual_umask);
    const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0
        || dup2(output, STDERR_FILENO) < 0)
        _exit(cannot_be_executed);
    // Root may be the effective user alone. Who is not root at all runs hooks as who he is. Whoever has left
    // its groups already need not have the right to do so any more (capabilities(7)).
    if (geteuid() == 0
        && ((getgroups(0, nullptr) != 0 && setgroups(0, nullptr) != 0) || setresgid(0, 0, 0) != 0
            || setresuid(0, 0, 0) != 0))
        _exit(cannot_be_executed);
    (void)execve(program, arguments, environment);
    _exit(cannot_be_executed);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

Result<HookProcess> HookProcess::start(const std::string& program, std::vector<std::string> arguments,
                                       std::vector<std::string> environment) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail_errno(errno, "cannot make a pipe");
    UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    if (fcntl(reading.get(), F_SETFL, O_NONBLOCK) != 0)
        return fail_errno(errno, "cannot make a pipe non-blocking");

    arguments.insert(arguments.begin(), program);
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> environment_pointers = pointers_to(environment);
    const pid_t pid = fork();
    if (pid < 0)
        return fail_errno(errno, "cannot make a process");
    if (pid == 0)
        become_hook(program.c_str(), argument_pointers.data(), environment_pointers.data(), writing.get());
    (void)setpgid(pid, pid); // whoever of the two comes first
    HookProcess hook(pid, std::move(reading));
    // Not pidfd_open(): the header of glibc 2.36 declares it for C only.
    hook.ended_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!hook.ended_)
        return fail_errno(errno, "cannot watch a process");
    return hook;
}

HookProcess::~HookProcess() {
    if (leader_ <= 0)
        return;
    signal(SIGKILL);
    while (waitpid(leader_, nullptr, 0) < 0 && errno == EINTR)
        continue;
}

void HookProcess::signal(int number) const {
    // The number is the group's as long as its leader, even if it has ended, is not reaped.
    (void)kill(-leader_, number);
}

Result<void> HookProcess::reap() {
    const pid_t leader = std::exchange(leader_, -1);
    int status = 0;
    while (waitpid(leader, &status, 0) < 0)
        if (errno != EINTR)
            return fail_errno(errno, "cannot wait for it");
    if (WIFSIGNALED(status))
        return fail(ErrorKind::System, "it was ended by signal {} ({})", WTERMSIG(status),
                    sigdescr_np(WTERMSIG(status)));
    if (WEXITSTATUS(status) == cannot_be_executed)
        return fail(ErrorKind::System,
                    "it could not be executed; is the interpreter that its first line names "
                    "there, and can it be executed?");
    if (WEXITSTATUS(status) != EXIT_SUCCESS)
        return fail(ErrorKind::System, "it ended with status {}", WEXITSTATUS(status));
    return {};
}

} // namespace mandos::client
