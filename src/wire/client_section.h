// The section of clients.conf that mandos-keygen prints for a client, letter for letter as Mandos 1.8's
// prints it, so that a server of either version takes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

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

// Invalid: NAME cannot be a section's name that is read back as it was written: empty, "DEFAULT", not UTF-8,
// with line breaks or other control characters, or with white space at an end.
Result<void> check_client_name(std::string_view name);

// NAME must have passed check_client_name(). A percent sign in it (fe80::1%eth0) is doubled where servers
// expand values; 1.8 left it alone, and then its own server refused the file.
std::string write_client_section(const ClientSectionText& section);

} // namespace mandos::wire
