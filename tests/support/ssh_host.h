// A machine with SSH host keys, by the server half of libssh: shows its keys to whoever connects, lets nobody
// in. Used by the tests of the adapter and, as a program, by those of mandos-keygen.
#pragma once

#include <string>
#include <vector>

namespace mandos::support {

// Serves the listening socket LISTENER for ever, with a new host key of each of TYPES: "rsa", "ecdsa-256",
// "ecdsa-384" or "ed25519". READY_FD gets one byte when the keys are made (-1: none).
[[noreturn]] void serve_ssh(int listener, const std::vector<std::string>& types, int ready_fd = -1);

} // namespace mandos::support
