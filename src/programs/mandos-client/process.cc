#include "programs/mandos-client/process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/check.h"
#include "base/duration.h"
#include "base/error.h"

namespace mandos::client {

Result<void> prepare_process() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(descriptor, F_GETFD) >= 0)
            continue;
        // The lowest free number is this one. It is not for writing: what is written to a closed standard
        // output still fails. Not close-on-exec, as those descriptors are.
        const int opened = open("/dev/null", O_RDONLY); // NOLINT(android-cloexec-open)
        if (opened < 0)
            return fail_errno(errno, "cannot open /dev/null in place of closed descriptor {}", descriptor);
        check(opened == descriptor, "the lowest free descriptor is used");
    }
    (void)signal(SIGPIPE, SIG_IGN);
    privilege::harden_process();
    return {};
}

void die_of(int signal) {
    (void)::signal(signal, SIG_DFL);
    sigset_t only{};
    (void)sigemptyset(&only);
    (void)sigaddset(&only, signal);
    (void)sigprocmask(SIG_UNBLOCK, &only, nullptr);
    (void)raise(signal);
    std::abort(); // not reached: each of the signals that we wait for ends a process
}

void pause_for(Duration duration) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
    timespec left{.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(duration - seconds).count()};
    // Those signals have their default action while nothing is being fetched.
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

} // namespace mandos::client
