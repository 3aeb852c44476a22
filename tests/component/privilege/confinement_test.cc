// What a confined process can do, and above all what it cannot: each in a child process that confines itself
// and then tries it, as one that was taken over would.
#include "adapters/privilege/confinement.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using mandos::privilege::confine_to;
using mandos::privilege::Work;

namespace {

constexpr int did_it = 0;
constexpr int not_confined = 255;

// Tries WHAT, which returns something negative and sets errno when it fails, in a child confined to WORK.
// Returns did_it, or the errno that it failed with.
int confined(Work work, const std::function<long()>& what) {
    const pid_t child = fork();
    if (child == 0) {
        if (!confine_to(work))
            _exit(not_confined);
        errno = 0;
        _exit(what() >= 0 ? did_it : errno);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

sockaddr_in loopback(in_port_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

long connect_to(const sockaddr_in& address) {
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return made < 0 ? -1 : connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

class Both : public testing::TestWithParam<Work> {
  protected:
    static int trying(const std::function<long()>& what) { return confined(GetParam(), what); }
};

std::string name_of(const testing::TestParamInfo<Work>& tested) {
    return tested.param == Work::TalkToServers ? "TalkToServers" : "LookUpNames";
}

INSTANTIATE_TEST_SUITE_P(Confined, Both, testing::Values(Work::TalkToServers, Work::LookUpNames), name_of);

} // namespace

TEST_P(Both, ExecutesNothing) {
    EXPECT_EQ(trying([] { return execl("/bin/true", "true", nullptr); }), EPERM);
    const int program = open("/bin/true", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(program, 0);
    EXPECT_EQ(trying([program] {
                  char* none[] = {nullptr};
                  return syscall(SYS_execveat, program, "", none, none, AT_EMPTY_PATH);
              }),
              EPERM);
    (void)close(program);
}

TEST_P(Both, ChangesNoFile) {
    EXPECT_NE(trying([] { return open("/tmp/confined", O_WRONLY | O_CREAT | O_CLOEXEC, 0600); }), did_it);
    EXPECT_NE(trying([] { return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }), did_it);
    EXPECT_EQ(trying([] { return unlink("/tmp/confined"); }), EPERM);
    EXPECT_EQ(trying([] { return rename("/tmp/confined", "/tmp/confined-2"); }), EPERM);
    EXPECT_EQ(trying([] { return mkdir("/tmp/confined", 0700); }), EPERM);
    EXPECT_EQ(trying([] { return chmod("/tmp", 0777); }), EPERM);
    EXPECT_EQ(trying([] { return truncate("/tmp/confined", 0); }), EPERM);
    EXPECT_EQ(trying([] { return mount("none", "/tmp", "tmpfs", 0, nullptr); }), EPERM);
}

TEST_P(Both, ReadsNothingOfOthers) {
    EXPECT_NE(trying([] { return open("/proc/self/environ", O_RDONLY | O_CLOEXEC); }), did_it);
    EXPECT_NE(trying([] { return open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }), did_it);
    EXPECT_NE(trying([] { return open("/dev/null", O_RDONLY | O_CLOEXEC); }), did_it);
}

TEST_P(Both, HasNoOtherKindOfSocket) {
    EXPECT_EQ(trying([] { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }), EPERM);
    EXPECT_EQ(trying([] { return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); }), EPERM);
    EXPECT_EQ(trying([] { return socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0); }), EPERM);
    EXPECT_EQ(trying([] { return socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0); }), EPERM);
    EXPECT_EQ(trying([] { return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP); }), EPERM);
    EXPECT_EQ(trying([] {
                  int ends[2];
                  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
              }),
              EPERM);
}

TEST_P(Both, ChangesNoLink) {
    EXPECT_EQ(trying([] {
                  const int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  ifreq request{};
                  std::strcpy(request.ifr_name, "lo");
                  request.ifr_flags = IFF_UP;
                  return made < 0 ? -1 : ioctl(made, SIOCSIFFLAGS, &request);
              }),
              EPERM);
}

TEST_P(Both, TouchesNoOtherProcess) {
    EXPECT_EQ(trying([] { return ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr); }), EPERM);
    EXPECT_EQ(trying([] { return syscall(SYS_process_vm_readv, getppid(), nullptr, 0, nullptr, 0, 0); }),
              EPERM);
    EXPECT_EQ(trying([] { return unshare(CLONE_NEWUSER); }), EPERM);
    EXPECT_EQ(
        trying([] { return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0); }),
        EPERM);
    EXPECT_EQ(trying([] { return syscall(SYS_bpf, 0, nullptr, 0); }), EPERM);
    EXPECT_EQ(trying([] { return syscall(SYS_io_uring_setup, 1, nullptr); }), EPERM);
    EXPECT_EQ(trying([] { return syscall(SYS_memfd_create, "code", 0); }), EPERM);
}

TEST_P(Both, ItsChildrenAreConfinedToo) {
    EXPECT_EQ(trying([]() -> long {
                  const pid_t child = fork();
                  if (child == 0)
                      _exit(execl("/bin/true", "true", nullptr) < 0 && errno == EPERM ? 0 : 1);
                  int status = 0;
                  if (waitpid(child, &status, 0) != child)
                      return -1;
                  errno = ECHILD;
                  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
              }),
              did_it);
}

TEST_P(Both, TalksOverTcpAndUdp) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
    ASSERT_EQ(listen(listener, 1), 0);
    ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
    EXPECT_EQ(trying([&address] { return connect_to(address); }), did_it);
    EXPECT_EQ(trying([&address] {
                  const int made = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                  const int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  if (made < 0 || other < 0)
                      return -1L;
                  return sendto(other, "?", 1, 0, reinterpret_cast<const sockaddr*>(&address),
                                sizeof address);
              }),
              did_it);
    (void)close(listener);
}

TEST_P(Both, KnowsItsInterfacesByName) {
    EXPECT_EQ(trying([]() -> long { return if_nametoindex("lo") > 0 ? 0 : -1; }), did_it);
}

TEST(TalkToServers, OpensNothingAndLoadsNoCode) {
    EXPECT_EQ(confined(Work::TalkToServers, [] { return open("/etc/hosts", O_RDONLY | O_CLOEXEC); }), EPERM);
    EXPECT_EQ(confined(Work::TalkToServers, [] { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }),
              EPERM);
    constexpr std::size_t page = 4096;
    EXPECT_EQ(confined(Work::TalkToServers,
                       []() -> long {
                           void* const made = mmap(nullptr, page, PROT_READ | PROT_WRITE | PROT_EXEC,
                                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                           return made == MAP_FAILED ? -1 : 0;
                       }),
              EPERM);
    EXPECT_EQ(confined(Work::TalkToServers,
                       []() -> long {
                           void* const made = mmap(nullptr, page, PROT_READ | PROT_WRITE,
                                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                           return mprotect(made, page, PROT_READ | PROT_EXEC);
                       }),
              EPERM);
}

TEST(LookUpNames, AsksTheResolverOfThisMachine) {
    EXPECT_EQ(confined(Work::LookUpNames,
                       []() -> long {
                           addrinfo* found = nullptr;
                           if (getaddrinfo("localhost", "4711", nullptr, &found) != 0)
                               return -1;
                           freeaddrinfo(found);
                           return 0;
                       }),
              did_it);
}
