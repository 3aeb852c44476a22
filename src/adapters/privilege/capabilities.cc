#include "adapters/privilege/capabilities.h"

#include <array>
#include <cerrno>
#include <cstdint>

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
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
        return fail_errno(errno, "cannot read the capabilities of this process");
    return present;
}

Result<void> set(const Capabilities& wanted) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    if (syscall(SYS_capset, &header, wanted.data()) != 0)
        return fail_errno(errno, "cannot give up capabilities");
    return {};
}

constexpr std::uint64_t bit(unsigned capability) {
    return std::uint64_t{1} << capability;
}

// Of what there is.
Result<void> keep(std::uint64_t kept) {
    Capabilities wanted = MANDOS_TRY(capabilities());
    for (__user_cap_data_struct& word : wanted) {
        word.permitted &= static_cast<std::uint32_t>(kept);
        word.effective = word.permitted;
        word.inheritable = 0;
        kept >>= 32;
    }
    return set(wanted);
}

} // namespace

Result<void> keep_reading_only() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up privileges of executed programs");
    return keep(bit(CAP_DAC_READ_SEARCH));
}

Result<void> keep_pinging_for_commands() {
    constexpr auto pinging = static_cast<std::uint32_t>(bit(CAP_NET_RAW));
    const Capabilities present = MANDOS_TRY(capabilities());
    const std::uint32_t kept = present[0].permitted & present[0].inheritable & pinging;
    Capabilities wanted{};
    wanted[0] = {.effective = 0, .permitted = kept, .inheritable = kept}; // what is ambient has to be in both
    return set(wanted);
}

Result<void> keep_network_rights() {
    constexpr auto unchanged = static_cast<gid_t>(-1);
    const bool has_groups = getgroups(0, nullptr) != 0;
    if (geteuid() == 0 && ((has_groups && setgroups(0, nullptr) != 0) || setresgid(unchanged, 0, 0) != 0))
        return fail_errno(errno, "cannot leave the groups of a user");
    return keep(bit(CAP_NET_ADMIN) | bit(CAP_SYSLOG) | bit(CAP_KILL));
}

Result<void> give_up_capabilities() {
    return keep(0);
}

} // namespace mandos::privilege
