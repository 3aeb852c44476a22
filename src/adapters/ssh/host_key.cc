#include "adapters/ssh/host_key.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <libssh/libssh.h>

#include "adapters/ssh/session.h"
#include "base/check.h"

namespace mandos::ssh {

std::optional<HostKey> host_key(const std::string& host, std::uint16_t port, std::chrono::seconds timeout) {
    const unsigned port_number = port;
    for (const KeyType& type : key_types) {
        const Session session(ssh_new());
        check(session != nullptr, "there is memory for an SSH session");
        if (!set_option(session, SSH_OPTIONS_HOST, host.c_str())
            || !set_option(session, SSH_OPTIONS_PORT, &port_number))
            return std::nullopt;
        if (auto line = key_line(session, type, timeout))
            return HostKey{.scan_type = type.scan_type, .line = *std::move(line)};
    }
    return std::nullopt;
}

} // namespace mandos::ssh
