// Becoming another user, in a child process each.
#include "adapters/privilege/user.h"

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

using mandos::privilege::become;
using mandos::privilege::mandos_user;

namespace {

// The exit status of a child that does WHAT and exits with what it returns.
template <class What>
int in_child(What what) {
    const pid_t child = fork();
    if (child == 0)
        _exit(what());
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST(User, IsNeverRoot) {
    EXPECT_NE(mandos_user().uid, 0U);
    EXPECT_NE(mandos_user().gid, 0U);
}

TEST(Become, LeavesNoWayBackToRoot) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can become another user";
    EXPECT_EQ(in_child([] {
                  if (!become({.uid = 65534, .gid = 65534, .name = "nobody"}))
                      return 1;
                  if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534 || getegid() != 65534)
                      return 2;
                  if (setuid(0) == 0 || setgid(0) == 0)
                      return 3;
                  return getgroups(0, nullptr) == 0 ? 0 : 4;
              }),
              0);
}

TEST(Become, DoesNothingForWhoIsNotRoot) {
    EXPECT_EQ(in_child([] {
                  if (geteuid() == 0 && !become({.uid = 65534, .gid = 65534, .name = "nobody"}))
                      return 1;
                  const uid_t before = getuid();
                  return become({.uid = 1, .gid = 1, .name = "daemon"}) && getuid() == before ? 0 : 2;
              }),
              0);
}
