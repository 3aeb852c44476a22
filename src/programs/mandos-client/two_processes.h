// mandos-client's two processes: this one splits into the manager, which has the rights that the network of
// this machine takes and reads nothing that comes by it (manager.h), and the fetcher, its child, which talks
// to servers, opens what they send, writes the password to standard output, and has no rights at all
// (fetcher.h). wire/helper_message.h has what they say to each other.
//
//   ends                          | then
//   ------------------------------+---------------------------------------------------------------------------
//   the fetcher, however          | the manager undoes what it did and ends likewise: with its status, or by
//   its
//                                 | signal
//   the manager, killed           | the fetcher is killed; what was done to the network stays
//   SIGTERM, SIGINT, SIGHUP came  | the manager ends the fetcher, undoes, and ends by that signal; with
//   status 0
//                                 | all the same where the password has been written
#pragma once

#include <variant>

#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::client {

// The fetcher, as the manager has it.
struct Fetcher {
    pid_t pid = -1;
    UniqueFd ended;   // readable when it has ended, and has to be waited for (pidfd_open(2))
    UniqueFd channel; // SOCK_SEQPACKET, non-blocking; so is the other
};

// The manager, as the fetcher has it.
struct Manager {
    pid_t pid = -1;
    UniqueFd channel;
};

// Forks: one thread, and nothing secret in memory yet. The manager has lost standard output: that is for the
// password alone, and ends with the fetcher.
Result<std::variant<Fetcher, Manager>> split();

// In the fetcher: it is killed when the manager ends, however that happens. Again after each change of users,
// which revokes it (prctl(2), PR_SET_PDEATHSIG).
void end_with(const Manager& manager);

} // namespace mandos::client
