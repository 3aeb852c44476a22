#include "programs/prompt_plugins/rights.h"

#include <cerrno>

#include <sys/types.h>
#include <unistd.h>

#include "adapters/processes/run.h"
#include "base/error.h"

namespace mandos::prompt_plugins {

Result<Rights> Rights::set_aside() {
    using User = processes::Command::User;
    if (geteuid() != 0)
        return Rights(User::AsWeAre);
    const gid_t group = getgid();
    const uid_t user = getuid();
    if (user != 0 && (setresgid(group, group, 0) != 0 || setresuid(user, user, 0) != 0))
        return fail_errno(errno, "cannot work as user {} and group {}", user, group);
    return Rights(User::Root);
}

Result<void> give_up_rights() {
    const gid_t group = getgid();
    const uid_t user = getuid();
    if (setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0)
        return fail_errno(errno, "cannot become user {} and group {}", user, group);
    return {};
}

} // namespace mandos::prompt_plugins
