// What a process that parses strangers' bytes can still do when one of them has taken it over: little. By
// seccomp(2), which lets through the system calls that its work takes and answers all others with EPERM, and
// by landlock(7), for files, where the kernel has it. For good, and for all that the process would fork or
// execute. Used by mandos-client, before its first packet.
//
//                                        | TalkToServers | and LookUpNames
//   -------------------------------------+---------------+----------------------------------------------
//   descriptors and memory that it has   | yes           | yes
//   TCP and UDP sockets, IPv4 and IPv6   | yes           | yes
//   fork, and wait for what was forked   | yes           | yes
//   open files                           | no            | to read, below /etc, /run, /usr and /lib: what
//                                        |               | getaddrinfo(3) and its modules need
//   local sockets (unix(7))              | no            | yes: resolvers of this machine are asked by them
//   new executable memory                | no            | yes: name service modules are loaded
//   execute, write files, any other kind |               |
//   of socket, change links or routes,   | no            | no
//   trace or signal who is not its child |               |
//
// Signals: other processes of the same user can still be signalled where the kernel's landlock is older than
// Linux 6.12.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace mandos::privilege {

enum class Work : std::uint8_t {
    TalkToServers, // whose addresses are numbers
    LookUpNames,   // and to some that have names
};

// Confines this process, which has one thread, to WORK. Unsupported: the kernel has no seccomp filters, and
// nothing was changed but that no program gains privileges by being executed (PR_SET_NO_NEW_PRIVS).
Result<void> confine_to(Work work);

} // namespace mandos::privilege
