// HookProcess: one network hook, or DHCP client, that runs, leader of a process group of its own. Invariant:
// it is reaped before this object is gone, and where it has not ended by itself, its group is killed before
// that. Only for programs with one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::client {

class HookProcess {
  public:
    // Executes PROGRAM as root with ARGUMENTS and exactly ENVIRONMENT ("NAME=value").
    static Result<HookProcess> start(const std::string& program, std::vector<std::string> arguments,
                                     std::vector<std::string> environment);
    HookProcess(HookProcess&& other) noexcept
        : leader_(std::exchange(other.leader_, -1)),
          ended_(std::move(other.ended_)),
          output_(std::move(other.output_)) {}
    HookProcess& operator=(HookProcess&&) = delete;
    HookProcess(const HookProcess&) = delete;
    HookProcess& operator=(const HookProcess&) = delete;
    ~HookProcess();

    // Each may be taken once: what becomes readable when the leader has ended, and what it and those that it
    // started write.
    UniqueFd take_end() { return std::move(ended_); }
    UniqueFd take_output() { return std::move(output_); }

    // To all in the group; only before it is reaped.
    void signal(int number) const;

    // Once it has ended. System: it failed, and how.
    Result<void> reap();

  private:
    HookProcess(pid_t leader, UniqueFd output) : leader_(leader), output_(std::move(output)) {}

    pid_t leader_;
    UniqueFd ended_;
    UniqueFd output_;
};

} // namespace mandos::client
