// What host_key() and ssh_check() share: a libssh session that goes as far as the host's key. Not for others.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <libssh/libssh.h>

#include "base/error.h"
#include "base/handle.h"

namespace mandos::ssh {

struct KeyType {
    const char* scan_type;  // as `ssh-keyscan -t` takes it
    const char* algorithms; // that a server signs with, for a key of this type
    const char* name;       // of the key in known_hosts
};

// In the order of preference.
constexpr KeyType key_types[] = {
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ed25519", "ssh-ed25519", "ssh-ed25519"},
    {"rsa", "rsa-sha2-512,rsa-sha2-256,ssh-rsa", "ssh-rsa"},
};

using Session = Handle<ssh_session_struct, ssh_free>;

// False: libssh does not take VALUE.
bool set_option(const Session& session, ssh_options_e option, const void* value);

// The key that the host of SESSION, whose address or descriptor is set, has of TYPE: type and base64 as in
// known_hosts. The session is of no further use, and its connection is closed with it. System: it does not
// answer within TIMEOUT, is no SSH server or has no such key; as libssh says it.
Result<std::string> key_line(const Session& session, const KeyType& type, std::chrono::seconds timeout);

} // namespace mandos::ssh
