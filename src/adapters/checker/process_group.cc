#include "adapters/checker/process_group.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/checker/shells.h"
#include "base/check.h"
#include "base/error.h"

namespace mandos::checker {

namespace {

// What posix_spawn(3) does in the child. Its calls fail for want of memory or by a bug of ours only.
class SpawnActions {
  public:
    explicit SpawnActions(ShellErrors errors) {
        check(posix_spawn_file_actions_init(&actions_) == 0, "there is memory for file actions");
        open(STDIN_FILENO, O_RDONLY);
        open(STDOUT_FILENO, O_WRONLY);
        if (errors == ShellErrors::Discarded)
            open(STDERR_FILENO, O_WRONLY);
        check(posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1) == 0
                  && posix_spawn_file_actions_addchdir_np(&actions_, "/") == 0,
              "there is memory for file actions");
    }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    ~SpawnActions() { (void)posix_spawn_file_actions_destroy(&actions_); }

    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    void open(int fd, int flags) {
        check(posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", flags, 0) == 0,
              "there is memory for file actions");
    }

    posix_spawn_file_actions_t actions_{};
};

// A process group of its own; no signal blocked, none ignored.
class SpawnAttributes {
  public:
    SpawnAttributes() {
        sigset_t none{};
        sigset_t all{};
        (void)sigemptyset(&none);
        (void)sigfillset(&all);
        check(posix_spawnattr_init(&attributes_) == 0 && posix_spawnattr_setpgroup(&attributes_, 0) == 0
                  && posix_spawnattr_setsigmask(&attributes_, &none) == 0
                  && posix_spawnattr_setsigdefault(&attributes_, &all) == 0
                  && posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK
                                                                | POSIX_SPAWN_SETSIGDEF)
                         == 0,
              "the attributes of a process can be set");
    }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;
    ~SpawnAttributes() { (void)posix_spawnattr_destroy(&attributes_); }

    const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

} // namespace

Result<ProcessGroup> ProcessGroup::start(const std::string& command, ShellErrors errors) {
    const SpawnActions actions(errors);
    const SpawnAttributes attributes;
    std::string shell = "sh";
    std::string option = "-c";
    std::string text = command;
    const std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
    pid_t pid = -1;
    const int code = posix_spawn(&pid, "/bin/sh", actions.get(), attributes.get(), arguments.data(), environ);
    if (code != 0)
        return fail_errno(code, "cannot start a shell");
    ProcessGroup group(pid);
    // Not pidfd_open(): the header of glibc 2.36 declares it for C only.
    group.pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!group.pidfd_)
        return fail_errno(errno, "cannot watch a shell");
    return group;
}

void ProcessGroup::signal(int number) const {
    // The number is the group's as long as its leader, even if it has ended, is not reaped.
    (void)kill(-leader_, number);
}

int ProcessGroup::reap() {
    signal(SIGKILL);
    const pid_t leader = std::exchange(leader_, -1);
    int status = 0;
    pid_t reaped = -1;
    do
        reaped = waitpid(leader, &status, 0);
    while (reaped < 0 && errno == EINTR);
    check(reaped == leader, "a process of ours is reaped once");
    return status;
}

} // namespace mandos::checker
