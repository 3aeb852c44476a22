// The SSH host key of a machine, by libssh: what `ssh-keyscan` prints, without a process.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace mandos::ssh {

struct HostKey {
    std::string scan_type; // as `ssh-keyscan -t` takes it: "ecdsa-sha2-nistp256", "ed25519" or "rsa"
    std::string line;      // "ecdsa-sha2-nistp256 AAAA...": type and key as known_hosts has them
};

// The first of the host's keys of the types ecdsa-sha2-nistp256, ed25519 and rsa, in that order; nothing
// where there is no SSH server, or one with none of them. Each try ends after TIMEOUT.
std::optional<HostKey> host_key(const std::string& host, std::uint16_t port, std::chrono::seconds timeout);

} // namespace mandos::ssh
