// ssh_check: does a host show the SSH host key that it must have? The server's checker, without the process
// that `ssh-keyscan | grep` needs.
#pragma once

#include <chrono>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::ssh {

struct ExpectedKey {
    std::string type; // as `ssh-keyscan -t` takes it, see HostKey
    std::string line; // "ssh-ed25519 AAAA..."
};

// Asks whoever is at the other end of CONNECTED, a TCP connection, for its key of that type; the exchange
// proves that it has the private one. Blocks, at most about TIMEOUT; may be called on several threads at a
// time. Denied: it is another key; Unsupported: the type is none that we know; System: it does not answer in
// time, is no SSH server or has no key of that type.
Result<void> ssh_check(UniqueFd connected, const ExpectedKey& expected, std::chrono::seconds timeout);

} // namespace mandos::ssh
