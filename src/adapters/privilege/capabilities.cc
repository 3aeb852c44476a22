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

namespace {

// capset(2) and capget(2) have no wrappers in libc; version 3 takes two words of 32 bits each.
using Capabilities = std::array<__user_cap_data_struct, 2>;

Result<Capabilities> capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    Capabilities present{};
    if (syscall(SYS_capget, &header, present.data()) != 0)
        return fail_errno(errno, "cannot read this process's capabilities");
    return present;
}

Result<void> set(const Capabilities& wanted) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    if (syscall(SYS_capset, &header, wanted.data()) != 0)
        return fail_errno(errno, "cannot give up capabilities");
    return {};
}

} // namespace

Result<void> keep_reading_only() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up privileges of executed programs");
    constexpr std::uint32_t reading = 1U << CAP_DAC_READ_SEARCH;
    const Capabilities present = MANDOS_TRY(capabilities());
    const std::uint32_t kept = present[0].permitted & reading;
    Capabilities wanted{};
    wanted[0] = {.effective = kept, .permitted = kept, .inheritable = 0};
    return set(wanted);
}

Result<void> keep_pinging_for_commands() {
    constexpr std::uint32_t pinging = 1U << CAP_NET_RAW;
    const Capabilities present = MANDOS_TRY(capabilities());
    const std::uint32_t kept = present[0].permitted & present[0].inheritable & pinging;
    Capabilities wanted{};
    wanted[0] = {.effective = 0, .permitted = kept, .inheritable = kept}; // what is ambient has to be in both
    return set(wanted);
}

} // namespace mandos::privilege
