// The section of clients.conf that mandos-keygen prints for a client, letter for letter as Mandos 1.8's
// prints it, so that a server of either version takes it.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace mandos::wire {

struct ClientSectionText {
    std::string name;                  // of the section, and the host to check
    std::optional<std::string> key_id; // hexadecimal digits; nothing: the line is left out
    std::string fingerprint;
    Bytes secret; // an OpenPGP message

    // The client's SSH host key, which the checker looks at.
    struct SshKey {
        std::string scan_type;   // of `ssh-keyscan -t`
        std::string fingerprint; // "TYPE BASE64"
    };
    std::optional<SshKey> ssh_key;
};

std::string write_client_section(const ClientSectionText& section);

} // namespace mandos::wire
