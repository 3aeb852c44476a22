#include "adapters/privilege/process_hygiene.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/error.h"

namespace mandos::privilege {

Result<void> occupy_standard_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(descriptor, F_GETFD) >= 0)
            continue;
        // The lowest free number is this one. Not close-on-exec, as those descriptors are.
        const int opened = open("/dev/null", O_RDONLY); // NOLINT(android-cloexec-open)
        if (opened < 0)
            return fail_errno(errno, "cannot open /dev/null in place of closed descriptor {}", descriptor);
        check(opened == descriptor, "the lowest free descriptor is used");
    }
    return {};
}

void allow_locking_all_memory() {
    const rlimit all{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    (void)setrlimit(RLIMIT_MEMLOCK, &all);
}

void harden_process() {
    constexpr mode_t owner_only = 077;
    (void)umask(owner_only);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Pages are locked when they are first used: reading all of every library in takes longer than a
    // handshake. Locking future pages under a small limit would make allocations fail: only where the limit
    // is none.
    rlimit memory{};
    if (getrlimit(RLIMIT_MEMLOCK, &memory) == 0 && memory.rlim_cur == RLIM_INFINITY)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    else
        (void)mlockall(MCL_CURRENT | MCL_ONFAULT);
}

} // namespace mandos::privilege
