#include "programs/mandos-client/process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "adapters/net/resolve.h"
#include "adapters/privilege/capabilities.h"
#include "adapters/privilege/confinement.h"
#include "adapters/privilege/process_hygiene.h"
#include "adapters/privilege/user.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/server_address.h"
#include "programs/mandos-client/messages.h"

namespace mandos::client {

namespace {

// The leak detector of a build with the address sanitizer traces its process and reads /proc at the exit.
#ifdef __SANITIZE_ADDRESS__
constexpr bool leak_detector_at_exit = true;
#else
constexpr bool leak_detector_at_exit = false;
#endif

bool is_name(const core::ServerAddress& server) {
    const auto numeric = net::numeric_endpoint(server, {});
    return numeric && !*numeric; // an error is about the interface of an address
}

// Who started this, where that is a user without rights and the program has root's (as set-user-ID programs
// have them, and as password-agent gives them).
privilege::User user_without_rights() {
    if (getuid() == 0)
        return privilege::mandos_user();
    return {.uid = getuid(), .gid = getgid(), .name = {}};
}

} // namespace

Result<void> prepare_process() {
    privilege::harden_process();
    MANDOS_TRY(privilege::occupy_standard_descriptors());
    (void)signal(SIGPIPE, SIG_IGN);
    return {};
}

void prepare_for_secrets() {
    privilege::allow_locking_all_memory();
    privilege::harden_process();
    // librnp's library of ciphers locks half a MB for its secrets page by page when it is first used, which
    // takes as long as a handshake; ours need some ten kB. (While there is one thread.)
    (void)setenv("BOTAN_MLOCK_POOL_SIZE", "65536", 0); // NOLINT(concurrency-mt-unsafe)
}

Result<void> give_up_rights(const std::vector<core::ServerAddress>& servers) {
    MANDOS_TRY(privilege::become(user_without_rights()));
    MANDOS_TRY(privilege::give_up_capabilities());
    if (leak_detector_at_exit)
        return {};
    const bool named = std::ranges::any_of(servers, is_name);
    auto confined =
        privilege::confine_to(named ? privilege::Work::LookUpNames : privilege::Work::TalkToServers);
    if (confined || confined.error().kind() != ErrorKind::Unsupported)
        return confined;
    say(fmt::format("going on, but not confined: {}", confined.error().text()));
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
