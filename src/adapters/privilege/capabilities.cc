#include "adapters/privilege/capabilities.h"

#include <array>
#include <cerrno>
#include <cstdint>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

namespace mandos::privilege {

Result<void> keep_reading_only() {
    if (geteuid() != 0)
        return {};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up privileges of executed programs");
    // capset(2) has no wrapper in libc; version 3 takes two words of 32 bits each.
    constexpr std::uint32_t reading = 1U << CAP_DAC_READ_SEARCH;
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> wanted{};
    wanted[0] = {.effective = reading, .permitted = reading, .inheritable = 0};
    if (syscall(SYS_capset, &header, wanted.data()) != 0)
        return fail_errno(errno, "cannot give up root's capabilities");
    return {};
}

} // namespace mandos::privilege
