// Enrolling a password: encrypting it to this client, and printing the section for a server's clients.conf.
#pragma once

#include "base/error.h"
#include "base/secret_bytes.h"
#include "programs/mandos-keygen/options.h"

namespace mandos::keygen {

// Asks for the password or reads it, and prints the section on standard output; nothing is printed on an
// error.
Result<void> print_section(const Options& options);

// The password in FILE, byte for byte; "-" is standard input, as it was for 1.8. Invalid: there is nothing in
// it.
Result<SecretBytes> read_password_file(const std::string& file);

} // namespace mandos::keygen
