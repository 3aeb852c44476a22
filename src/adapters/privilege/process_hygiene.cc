#include "adapters/privilege/process_hygiene.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace mandos::privilege {

void harden_process() {
    constexpr mode_t owner_only = 077;
    (void)umask(owner_only);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Locking future pages under a small limit would make allocations fail: only where the limit is none.
    rlimit memory{};
    if (getrlimit(RLIMIT_MEMLOCK, &memory) == 0 && memory.rlim_cur == RLIM_INFINITY)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    else
        (void)mlockall(MCL_CURRENT);
}

} // namespace mandos::privilege
