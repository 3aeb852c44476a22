// What a section of the clients' configuration names and does not hold: a secret in a file of its own, an
// OpenPGP key to take key ID and fingerprint from. Read with root's rights. Used by clients.cc.
#pragma once

#include <string>

#include "wire/clients_conf.h"
#include "wire/finding.h"

namespace mandos::server {

// Puts it into SECTION, which is of FILE. False: SECTION cannot be used; why is among FINDINGS.
bool complete(wire::ClientSection& section, const std::string& file, wire::Findings& findings);

} // namespace mandos::server
