#include "adapters/ssh/host_key.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/core.h>
#include <libssh/libssh.h>

#include "base/check.h"
#include "base/handle.h"

namespace mandos::ssh {

namespace {

struct KeyType {
    const char* scan_type;
    const char* algorithms; // that a server signs with, for a key of this type
    const char* name;       // of the key in known_hosts
};
constexpr KeyType key_types[] = {
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ed25519", "ssh-ed25519", "ssh-ed25519"},
    {"rsa", "rsa-sha2-512,rsa-sha2-256,ssh-rsa", "ssh-rsa"},
};

using Session = Handle<ssh_session_struct, ssh_free>;
using Key = Handle<ssh_key_struct, ssh_key_free>;

bool set(ssh_session session, ssh_options_e option, const void* value) {
    return ssh_options_set(session, option, value) == SSH_OK;
}

// The key as base64; nothing where the host does not answer or has no such key.
std::optional<std::string> ask(const std::string& host, std::uint16_t port, const KeyType& type,
                               std::chrono::seconds timeout) {
    const Session session(ssh_new());
    check(session != nullptr, "there is memory for an SSH session");
    const unsigned port_number = port;
    const long seconds = timeout.count();
    const bool no_config = false; // what ~/.ssh/config says about the host is not what it has
    if (!set(session.get(), SSH_OPTIONS_HOST, host.c_str())
        || !set(session.get(), SSH_OPTIONS_PORT, &port_number)
        || !set(session.get(), SSH_OPTIONS_TIMEOUT, &seconds)
        || !set(session.get(), SSH_OPTIONS_PROCESS_CONFIG, &no_config)
        || !set(session.get(), SSH_OPTIONS_HOSTKEYS, type.algorithms) || ssh_connect(session.get()) != SSH_OK)
        return std::nullopt;
    ssh_key raw = nullptr;
    const int found = ssh_get_server_publickey(session.get(), &raw);
    const Key key(raw);
    char* text = nullptr;
    std::optional<std::string> base64;
    if (found == SSH_OK && ssh_pki_export_pubkey_base64(raw, &text) == SSH_OK)
        base64 = text;
    ssh_string_free_char(text);
    ssh_disconnect(session.get());
    return base64;
}

} // namespace

std::optional<HostKey> host_key(const std::string& host, std::uint16_t port, std::chrono::seconds timeout) {
    for (const KeyType& type : key_types)
        if (const auto base64 = ask(host, port, type, timeout))
            return HostKey{.scan_type = type.scan_type, .line = fmt::format("{} {}", type.name, *base64)};
    return std::nullopt;
}

} // namespace mandos::ssh
