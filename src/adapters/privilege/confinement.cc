#include "adapters/privilege/confinement.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <type_traits>

#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "adapters/privilege/landlock.h"
#include "base/error.h"

namespace mandos::privilege {

namespace {

// What every process of ours needs to go on with what it has. A call that is missing here fails with EPERM,
// which its caller reports: nothing is killed at three in the morning for a C library that is newer than
// this.
constexpr std::array always{
    // descriptors
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(fcntl),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    // memory
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(mlock2),
    SCMP_SYS(mlockall),
    SCMP_SYS(munlock),
    SCMP_SYS(munlockall),
    SCMP_SYS(getrandom),
    // sockets that it has, or was let make
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    // itself, its signals, its children and the time
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(kill),
    SCMP_SYS(tgkill),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
};

constexpr std::array to_read_files{
    SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(access),  SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(stat),       SCMP_SYS(lstat),   SCMP_SYS(pread64),
    SCMP_SYS(getdents64), SCMP_SYS(statfs),     SCMP_SYS(fstatfs),
};

struct FilterEnd {
    void operator()(scmp_filter_ctx filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, FilterEnd>;

scmp_arg_cmp bits_are(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

scmp_arg_cmp equals(unsigned argument, int value) {
    return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = static_cast<std::uint64_t>(value), .datum_b = 0};
}

// Adds rules until one of them fails; what failed is kept.
class Rules {
  public:
    explicit Rules(scmp_filter_ctx filter) : filter_(filter) {}

    // CALL passes where all of CONDITIONS hold; another call of this for the same one is another way to pass.
    void let(int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
        add(SCMP_ACT_ALLOW, call, conditions);
    }
    void refuse(int call, int error) { add(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call, {}); }

    Result<void> result() const {
        if (failure_ != 0)
            return fail_errno(-failure_, "cannot write a filter for system calls");
        return {};
    }

  private:
    void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions) {
        if (failure_ == 0)
            failure_ = seccomp_rule_add_array(filter_, action, call, static_cast<unsigned>(conditions.size()),
                                              conditions.begin());
    }

    scmp_filter_ctx filter_;
    int failure_ = 0;
};

void let_sockets(Rules& rules, Work work) {
    constexpr std::uint64_t type_bits = ~std::uint64_t{SOCK_CLOEXEC | SOCK_NONBLOCK};
    for (const int family : {AF_INET, AF_INET6})
        for (const auto type : {SOCK_STREAM, SOCK_DGRAM})
            rules.let(SCMP_SYS(socket), {equals(0, family), bits_are(1, type_bits, type)});
    if (work == Work::LookUpNames)
        rules.let(SCMP_SYS(socket), {equals(0, AF_UNIX)});
    for (const int request : {FIONREAD, FIONBIO, SIOCGIFINDEX, SIOCGIFNAME})
        rules.let(SCMP_SYS(ioctl), {equals(1, request)});
}

void let_children(Rules& rules) {
    constexpr std::uint64_t new_namespaces = std::uint64_t{CLONE_NEWNS} | CLONE_NEWCGROUP | CLONE_NEWUTS
                                             | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    rules.let(SCMP_SYS(clone), {bits_are(0, new_namespaces, 0)});
    rules.refuse(SCMP_SYS(clone3), ENOSYS); // its flags are out of a filter's sight; libc goes on with clone
    for (const int option : {PR_SET_PDEATHSIG, PR_SET_NAME, PR_GET_DUMPABLE})
        rules.let(SCMP_SYS(prctl), {equals(0, option)});
    rules.let(SCMP_SYS(prlimit64), {equals(2, 0)}); // asks, and sets nothing
}

void let_memory(Rules& rules, Work work) {
    const std::uint64_t never = work == Work::LookUpNames ? 0 : PROT_EXEC;
    rules.let(SCMP_SYS(mmap), {bits_are(2, never, 0)});
    rules.let(SCMP_SYS(mprotect), {bits_are(2, never, 0)});
}

void let_files(Rules& rules, Work work) {
    if (work != Work::LookUpNames)
        return;
    for (const int call : to_read_files)
        rules.let(call);
    constexpr std::uint64_t changing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    rules.let(SCMP_SYS(openat), {bits_are(2, changing, O_RDONLY)});
    rules.let(SCMP_SYS(open), {bits_are(1, changing, O_RDONLY)});
}

Result<void> filter_system_calls(Work work) {
    const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    if (!filter)
        return fail(ErrorKind::System, "cannot begin a filter for system calls");
    Rules rules(filter.get());
    for (const int call : always)
        rules.let(call);
    let_sockets(rules, work);
    let_children(rules);
    let_memory(rules, work);
    let_files(rules, work);
    MANDOS_TRY(rules.result());
    const int loaded = seccomp_load(filter.get());
    if (loaded == -EINVAL || loaded == -ENOSYS)
        return fail(ErrorKind::Unsupported, "this kernel cannot filter system calls (CONFIG_SECCOMP_FILTER)");
    if (loaded != 0)
        return fail_errno(-loaded, "cannot filter system calls");
    return {};
}

std::span<const char* const> readable_directories(Work work) {
    static constexpr std::array for_names{"/etc", "/run", "/usr", "/lib"};
    if (work == Work::LookUpNames)
        return for_names;
    return {};
}

} // namespace

Result<void> confine_to(Work work) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(errno, "cannot give up privileges of executed programs");
    MANDOS_TRY(read_only_below(readable_directories(work)));
    return filter_system_calls(work);
}

} // namespace mandos::privilege
