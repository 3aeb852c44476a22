// Implements signals.h.
#include "programs/mandos-monitor/signals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::monitor {

namespace {

constexpr std::array held{SIGWINCH, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};

} // namespace

Signals::Signals(UniqueFd descriptor, sigset_t before)
    : descriptor_(std::move(descriptor)), before_(before) {}

Result<Signals> Signals::hold() {
    sigset_t wanted{};
    (void)sigemptyset(&wanted); // none of these can fail: the signals are valid
    for (const int number : held)
        (void)sigaddset(&wanted, number);
    UniqueFd descriptor(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!descriptor)
        return fail_errno(errno, "cannot wait for signals");
    sigset_t before{};
    (void)pthread_sigmask(SIG_BLOCK, &wanted, &before);
    return Signals(std::move(descriptor), before);
}

Signals::~Signals() {
    if (descriptor_)
        (void)pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> Signals::next() const {
    signalfd_siginfo signal{};
    if (read(descriptor_.get(), &signal, sizeof signal) != sizeof signal)
        return std::nullopt;
    return static_cast<int>(signal.ssi_signo);
}

} // namespace mandos::monitor
