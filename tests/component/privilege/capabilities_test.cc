// Giving up capabilities, in a child process each.
#include "adapters/privilege/capabilities.h"

#include <array>
#include <cstdint>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

using mandos::privilege::keep_pinging_for_commands;
using mandos::privilege::keep_reading_only;

namespace {

constexpr uid_t nobody = 65534;

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

// As a service manager starts a service with User=nobody and CAPABILITIES as ambient ones.
bool start_as_nobody(std::uint32_t capabilities) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> wanted{};
    wanted[0] = {.effective = capabilities, .permitted = capabilities, .inheritable = capabilities};
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setresgid(nobody, nobody, nobody) != 0
        || setresuid(nobody, nobody, nobody) != 0 || syscall(SYS_capset, &header, wanted.data()) != 0)
        return false;
    for (const int capability : {CAP_DAC_READ_SEARCH, CAP_NET_RAW})
        if ((capabilities & (1U << static_cast<unsigned>(capability))) != 0
            && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
            return false;
    return true;
}

bool reads_root_s_files() {
    const int shadow = open("/etc/shadow", O_RDONLY | O_CLOEXEC);
    return shadow >= 0 && close(shadow) == 0;
}

bool is_ambient(int capability) {
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1;
}

constexpr std::uint32_t reading = 1U << CAP_DAC_READ_SEARCH;
constexpr std::uint32_t pinging = 1U << CAP_NET_RAW;

} // namespace

TEST(Capabilities, OfAServerAreGivenUpButPingingForItsCommands) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root has capabilities";
    EXPECT_EQ(in_child([] {
                  if (!start_as_nobody(reading | pinging))
                      return 1;
                  if (!reads_root_s_files())
                      return 2;
                  if (!keep_pinging_for_commands())
                      return 3;
                  if (reads_root_s_files() || is_ambient(CAP_DAC_READ_SEARCH))
                      return 4;
                  return is_ambient(CAP_NET_RAW) ? 0 : 5;
              }),
              0);
}

TEST(Capabilities, OfAServerThatHasNoneAreNoneAfterwards) {
    EXPECT_EQ(in_child([] {
                  if (geteuid() == 0 && !start_as_nobody(0))
                      return 1;
                  return keep_pinging_for_commands() && !is_ambient(CAP_NET_RAW) ? 0 : 2;
              }),
              0);
}

TEST(Capabilities, OfTheConfigurationProcessAreReadingAlone) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root has capabilities";
    EXPECT_EQ(in_child([] {
                  if (!start_as_nobody(reading | pinging) || !keep_reading_only())
                      return 1;
                  return reads_root_s_files() && !is_ambient(CAP_NET_RAW) && !is_ambient(CAP_DAC_READ_SEARCH)
                             ? 0
                             : 2;
              }),
              0);
}
