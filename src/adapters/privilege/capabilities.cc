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

constexpr std::uint64_t bit(unsigned capability) {
    return std::uint64_t{1} << capability;
}

// Of what there is.
Result<void> keep(std::uint64_t capabilities) {
    // Neither has a wrapper in libc; version 3 takes two words of 32 bits each.
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> words{};
    if (syscall(SYS_capget, &header, words.data()) != 0)
        return fail_errno(errno, "cannot ask for the capabilities of this process");
    for (__user_cap_data_struct& word : words) {
        const auto kept = static_cast<std::uint32_t>(capabilities);
        capabilities >>= 32;
        word.permitted &= kept;
        word.effective = word.permitted;
        word.inheritable &= kept;
    }
    if (syscall(SYS_capset, &header, words.data()) != 0)
        return fail_errno(errno, "cannot give up capabilities");
    return {};
}

} // namespace

Result<void> keep_reading_only() {
    if (geteuid() != 0)
        return {};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up privileges of executed programs");
    return keep(bit(CAP_DAC_READ_SEARCH));
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
