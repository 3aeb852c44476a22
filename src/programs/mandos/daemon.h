// Becoming a daemon: the program that was started stays in front until the server works or has failed, so
// that its exit status and its error messages can be believed (1.8's said 0 before it knew anything).
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::server {

class Daemon {
  public:
    // Forks. In the original process this never returns: it waits for the daemon, and exits with 0 when that
    // is ready, with 1 when it ended before. Standard error stays open until then. No thread may run yet.
    static Result<Daemon> start();

    // The server works: lets go of terminal, directory and standard descriptors, and lets the starter exit.
    Result<void> ready();

  private:
    explicit Daemon(UniqueFd starter) : starter_(std::move(starter)) {}

    UniqueFd starter_; // writing one byte to it says "ready"
};

// The path of the pid file, /run/mandos.pid (/var/run/mandos.pid where there is no /run).
std::string pid_file_path();

// Writes "PID\n" there, for the init script.
Result<void> write_pid_file(const std::string& path);

} // namespace mandos::server
