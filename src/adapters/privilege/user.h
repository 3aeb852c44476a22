// The user that the server runs as after it has bound its socket and read its files.
#pragma once

#include <string>

#include <sys/types.h>

#include "base/error.h"

namespace mandos::privilege {

struct User {
    uid_t uid = 65534;
    gid_t gid = 65534;
    std::string name; // empty: the bare numbers
};

// The first of _mandos, mandos and nobody that exists, else user and group 65534.
User mandos_user();

// Becomes USER for good: supplementary groups, group, user, real, effective and saved, and no capability is
// left. Does nothing for who is not root.
Result<void> become(const User& user);

} // namespace mandos::privilege
