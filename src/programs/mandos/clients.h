// The clients of CONFIGDIR/clients.conf with all that the file names: secrets in files of their own, OpenPGP
// keys. Read before the server gives up root's rights.
#pragma once

#include <string>
#include <vector>

#include "core/client.h"
#include "wire/finding.h"

namespace mandos::server {

struct ClientsRead {
    std::vector<core::ClientSettings> clients; // in the order of the file; those with errors are left out
    wire::Findings findings;
};

// A missing file, and one without clients, is a warning.
ClientsRead read_clients(const std::string& config_directory);

} // namespace mandos::server
