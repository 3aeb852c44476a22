// The command line of mandos-keygen (mandos-keygen(8)).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "adapters/tls/tls.h"
#include "base/error.h"
#include "core/server_address.h"

namespace mandos::keygen {

enum class Mode { CreateKeys, PrintSection, Prove, Help, Version };

struct Options {
    Mode mode = Mode::CreateKeys;
    std::string directory; // --dir, or the one that is there of the two that Mandos uses
    std::string name;      // --name, or this machine's

    // Making keys. What is not given is one OpenPGP identity with an Ed25519 TLS subkey; giving any of the
    // first four means a key as Mandos 1.8 makes it, RSA with 4096 bits in what is left open.
    std::optional<std::string> type, subtype;
    std::optional<unsigned> length, sublength;
    std::string email;
    std::string comment;
    std::chrono::seconds expires_after = std::chrono::seconds(0); // 0: never
    std::string tls_key_type = "ed25519";
    bool force = false;

    // Encrypting a password, and proving that it comes back.
    std::optional<std::string> password_file; // nothing: ask
    bool ssh = true;
    std::vector<core::ServerAddress> servers;
    std::string priority = tls::default_priority;
    std::optional<std::string> device;
    std::chrono::seconds patience = std::chrono::seconds(30);

    bool is_like_1_8() const { return type || subtype || length || sublength; }
};

// Invalid: which option is wrong and what was expected.
Result<Options> read_options(int argc, char** argv);

std::string help_text();

// Reads gpg's way of saying when a key expires: "0" (never), days, "3w", "6m" (of 30 days), "2y" (of 365), or
// a date. NOW is the time from which a date is counted.
Result<std::chrono::seconds> parse_expiry(std::string_view text, std::chrono::sys_seconds now);

} // namespace mandos::keygen
