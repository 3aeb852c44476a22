#include "programs/mandos-client/process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include <unistd.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/duration.h"
#include "base/error.h"

namespace mandos::client {

Result<void> prepare_process() {
    privilege::harden_process();
    // librnp's library of ciphers locks half a MB for its secrets page by page when it is first used, which
    // takes as long as a handshake; ours need some ten kB. (While there is one thread.)
    (void)setenv("BOTAN_MLOCK_POOL_SIZE", "65536", 0); // NOLINT(concurrency-mt-unsafe)
    MANDOS_TRY(privilege::occupy_standard_descriptors());
    (void)signal(SIGPIPE, SIG_IGN);
    return {};
}

void die_of(int signal) {
    (void)::signal(signal, SIG_DFL);
    sigset_t only{};
    (void)sigemptyset(&only);
    (void)sigaddset(&only, signal);
    (void)pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    (void)raise(signal);
    std::abort(); // not reached: each of the signals that we wait for ends a process
}

void leave(int status) {
#ifdef __SANITIZE_ADDRESS__
    std::exit(status); // which looks for leaks // NOLINT(concurrency-mt-unsafe): there is one thread
#else
    _exit(status);
#endif
}

void pause_for(Duration duration) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
    timespec left{.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(duration - seconds).count()};
    // Those signals have their default action while nothing is being fetched.
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

} // namespace mandos::client
