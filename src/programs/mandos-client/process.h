// mandos-client as a process: what it must be protected from, and how it ends by a signal.
#pragma once

#include <vector>

#include "base/duration.h"
#include "base/error.h"
#include "core/server_address.h"

namespace mandos::client {

// It can't be dumped or traced by its user's other processes (privilege::harden_process()). Fills standard
// descriptors that are closed with ones that cannot be used, so that no connection gets their number and then
// the password; a pipe without a reader is an error, not the end.
Result<void> prepare_process();

// What this process has in memory from now on stays there. For the one that reads keys: a fork(2) undoes it.
void prepare_for_secrets();

// What this process can do from now on is what fetching from SERVERS takes, whatever they send: it is nobody
// in particular any more (the user that started a program with root's rights, else the Mandos user), and is
// confined (privilege::confine_to()). All files must have been read. Says so where the kernel can't confine;
// other failures are errors.
Result<void> give_up_rights(const std::vector<core::ServerAddress>& servers);

// Ends this process as SIGNAL does by default, so that whoever waits for it sees which.
[[noreturn]] void die_of(int signal);

// Ends this process with STATUS at once: what libraries would tidy up first (librnp's gives its pages back
// one by one) goes with the process. Nothing may be left to flush.
[[noreturn]] void leave(int status);

// Waits for DURATION; a SIGTERM, SIGINT or SIGHUP meanwhile ends the process.
void pause_for(Duration duration);

} // namespace mandos::client
