#include "adapters/privilege/user.h"

#include <cerrno>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"

namespace mandos::privilege {

User mandos_user() {
    std::vector<char> buffer(16384);
    for (const char* name : {"_mandos", "mandos", "nobody"}) {
        passwd entry{};
        passwd* found = nullptr;
        if (getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr
            && found->pw_uid != 0)
            return {.uid = found->pw_uid, .gid = found->pw_gid, .name = name};
    }
    return {};
}

Result<void> become(const User& user) {
    if (geteuid() != 0)
        return {};
    if (setgroups(0, nullptr) != 0)
        return fail_errno(errno, "cannot leave root's supplementary groups");
    if (setresgid(user.gid, user.gid, user.gid) != 0)
        return fail_errno(errno, "cannot change to group {}", user.gid);
    if (setresuid(user.uid, user.uid, user.uid) != 0)
        return fail_errno(errno, "cannot change to user {} ({})", user.uid, user.name);
    if (setuid(0) == 0)
        return fail(ErrorKind::System, "root could be got back after changing to user {}", user.uid);
    return {};
}

} // namespace mandos::privilege
