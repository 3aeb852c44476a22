// Other processes, as proc(5) shows them to anybody: found by what they are called, or by a pid file. A
// process without a command line (of the kernel, or ended) is none. What is found may end at any moment.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

namespace mandos::processes {

struct Process {
    pid_t pid = 0;
    uid_t user = 0; // effective, of whoever runs it
    // As it was started, with its name first; never empty.
    std::vector<std::string> arguments;
    // The file that it runs; empty where only root may know.
    std::string executable;

    // The last part of the name it was started by.
    std::string base_name() const;
};

using Wanted = std::function<bool(const Process&)>;

std::optional<Process> look_at(pid_t pid);

// The first, by number, that is WANTED.
std::optional<Process> find(const Wanted& wanted);

// The one that the first of PID_FILES with a process that is WANTED names, else as above. A file that is left
// over from a process that ended names none.
std::optional<Process> find(std::span<const std::string> pid_files, const Wanted& wanted);

} // namespace mandos::processes
