// ProcessGroup: a command that /bin/sh runs, leader of a process group of its own. Invariant: the process is
// reaped before this object is gone, and its group killed before that. Used by shells.cc alone.
#pragma once

#include <string>
#include <utility>

#include <sys/types.h>

#include "adapters/checker/shells.h"
#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::checker {

class ProcessGroup {
  public:
    static Result<ProcessGroup> start(const std::string& command, ShellErrors errors);
    ProcessGroup(ProcessGroup&& other) noexcept
        : leader_(std::exchange(other.leader_, -1)), pidfd_(std::move(other.pidfd_)) {}
    ProcessGroup& operator=(ProcessGroup&&) = delete;
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;
    ~ProcessGroup() {
        if (leader_ > 0)
            (void)reap();
    }

    // May be taken once: becomes readable when the leader has ended.
    UniqueFd take_pidfd() { return std::move(pidfd_); }

    // To all in the group; only before it is reaped.
    void signal(int number) const;

    // Kills what is left of the group, and returns the wait status of the leader, which is waited for.
    int reap();

  private:
    explicit ProcessGroup(pid_t leader) : leader_(leader) {}

    pid_t leader_;
    UniqueFd pidfd_;
};

} // namespace mandos::checker
