#include "loop/held_signals.h"

#include <csignal>
#include <initializer_list>
#include <utility>

#include "base/check.h"

namespace mandos::loop {

HeldSignals::HeldSignals(std::initializer_list<int> signals) {
    sigset_t held{};
    (void)sigemptyset(&held);
    for (const int signal : signals)
        check(sigaddset(&held, signal) == 0, "what is held is a signal");
    check(pthread_sigmask(SIG_BLOCK, &held, &before_) == 0, "signals can be blocked");
}

HeldSignals::HeldSignals(All /*all*/) {
    sigset_t held{};
    (void)sigfillset(&held);
    check(pthread_sigmask(SIG_SETMASK, &held, &before_) == 0, "signals can be blocked");
}

void HeldSignals::release() {
    if (std::exchange(held_, false))
        check(pthread_sigmask(SIG_SETMASK, &before_, nullptr) == 0, "signals can be unblocked");
}

} // namespace mandos::loop
