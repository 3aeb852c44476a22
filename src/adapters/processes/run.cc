#include "adapters/processes/run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::processes {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int cannot_execute = 127;

// Readable when PID has ended. Close-on-exec, as the kernel makes it.
UniqueFd watch_process(pid_t pid) {
    // Not pidfd_open(): the header of glibc 2.36 declares it for C only.
    return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void unblock_all_signals() {
    sigset_t none{};
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, nullptr);
    (void)signal(SIGPIPE, SIG_DFL);
}

// In the child, which has one thread and nothing to tell but its status.
[[noreturn]] void become(const Command& command, char* const* arguments, pid_t parent) {
    if (command.user == Command::User::Root
        && (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)) // from the saved ones
        _exit(cannot_execute);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0)
        _exit(cannot_execute);
    if (command.output == Command::Output::Dropped)
        (void)dup2(nothing, STDOUT_FILENO);
    if (command.life == Command::Life::ItsOwn) {
        constexpr mode_t usual = 022;
        (void)umask(usual);
        (void)setsid();
        (void)dup2(nothing, STDIN_FILENO);
        (void)dup2(nothing, STDERR_FILENO); // whoever reads ours waits for its end
    } else {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (getppid() != parent)
            _exit(cannot_execute);
    }
    unblock_all_signals();
    (void)execv(arguments[0], arguments);
    _exit(cannot_execute);
}

enum class Event { Ended, Signal, TimedOut };

Result<Event> wait_for_event(int process, const EndingSignals* signals, Clock::time_point until) {
    std::array<pollfd, 2> waited{
        {{.fd = process, .events = POLLIN, .revents = 0},
         {.fd = signals == nullptr ? -1 : signals->descriptor(), .events = POLLIN, .revents = 0}}};
    for (;;) {
        int left = -1;
        if (until != Clock::time_point::max())
            left = static_cast<int>(std::max<std::chrono::milliseconds::rep>(
                std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count(), 0));
        const int ready = poll(waited.data(), waited.size(), left);
        if (ready == 0)
            return Event::TimedOut;
        if (ready < 0 && errno != EINTR)
            return fail_errno(errno, "cannot wait for another process");
        if (ready > 0)
            return waited[0].revents != 0 ? Event::Ended : Event::Signal;
    }
}

Result<int> reap(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return fail_errno(errno, "cannot wait for a child");
    }
    return status;
}

Outcome outcome_of(int status) {
    if (WIFSIGNALED(status))
        return {.how = Outcome::How::Killed, .number = WTERMSIG(status)};
    return {.how = Outcome::How::Exited, .number = WEXITSTATUS(status)};
}

// CHILD has to go, unless it has a life of its own.
Result<void> leave(const Command& command, pid_t child) {
    if (command.life == Command::Life::ItsOwn)
        return {};
    MANDOS_TRY(send_signal(child, SIGKILL, command.user)); // it is not reaped yet
    (void)MANDOS_TRY(reap(child));
    return {};
}

} // namespace

Result<void> send_signal(pid_t process, int signal, Command::User user) {
    const uid_t own = geteuid();
    if (user == Command::User::Root && seteuid(0) != 0) // from the saved one
        return fail_errno(errno, "cannot become root");
    const int sent = kill(process, signal);
    const int error = errno;
    if (seteuid(own) != 0)
        return fail_errno(errno, "cannot become user {} again", own);
    if (sent != 0 && error != ESRCH)
        return fail_errno(error, "cannot send signal {} to process {}", signal, process);
    return {};
}

Result<EndingSignals> EndingSignals::hold() {
    sigset_t held{};
    (void)sigemptyset(&held);
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
        struct sigaction action{};
        (void)sigaction(number, nullptr, &action);
        if (action.sa_handler != SIG_IGN)
            (void)sigaddset(&held, number);
    }
    UniqueFd descriptor(signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!descriptor)
        return fail_errno(errno, "cannot wait for signals");
    (void)pthread_sigmask(SIG_BLOCK, &held, nullptr);
    return EndingSignals(std::move(descriptor));
}

std::optional<int> EndingSignals::take() const {
    signalfd_siginfo information{};
    if (read(descriptor_.get(), &information, sizeof information) != sizeof information)
        return {};
    return static_cast<int>(information.ssi_signo);
}

Result<Outcome> run(const Command& command, const EndingSignals* signals,
                    std::optional<std::chrono::milliseconds> limit) {
    std::vector<std::string> texts = command.arguments; // execv(3) takes what it will not change as variable
    std::vector<char*> arguments;
    arguments.reserve(texts.size() + 1);
    for (std::string& text : texts)
        arguments.push_back(text.data());
    arguments.push_back(nullptr);
    const auto until = limit ? Clock::now() + *limit : Clock::time_point::max();
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0)
        return fail_errno(errno, "cannot make a process");
    if (child == 0)
        become(command, arguments.data(), parent);
    const UniqueFd process = watch_process(child);
    auto event = process ? wait_for_event(process.get(), signals, until)
                         : Result<Event>(fail_errno(errno, "cannot watch a process"));
    if (!event) {
        (void)leave(command, child); // the first error counts
        return std::unexpected(std::move(event).error());
    }
    switch (*event) {
    case Event::Ended:
        return outcome_of(MANDOS_TRY(reap(child)));
    case Event::Signal:
        MANDOS_TRY(leave(command, child));
        return Outcome{.how = Outcome::How::Interrupted, .number = signals->take().value_or(SIGTERM)};
    case Event::TimedOut:
        break;
    }
    MANDOS_TRY(leave(command, child));
    return Outcome{.how = Outcome::How::TimedOut};
}

Result<void> wait_for_end(pid_t pid, std::chrono::milliseconds limit) {
    const UniqueFd process = watch_process(pid);
    if (!process && errno == ESRCH)
        return {};
    if (!process)
        return fail_errno(errno, "cannot watch process {}", pid);
    if (MANDOS_TRY(wait_for_event(process.get(), nullptr, Clock::now() + limit)) == Event::TimedOut)
        return fail(ErrorKind::TimedOut, "process {} has not ended", pid);
    return {};
}

} // namespace mandos::processes
