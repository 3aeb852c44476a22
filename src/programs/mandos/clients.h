// The clients of CONFIGDIR/clients.conf and CONFIGDIR/clients.d/*.conf, with all that these files name:
// secrets in files of their own, OpenPGP keys. Read with root's rights.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/client.h"
#include "wire/finding.h"

namespace mandos::server {

struct ClientsRead {
    std::vector<core::ClientSettings> clients; // in the order of the file; those with errors are left out
    wire::Findings findings;
};

// No clients at all is a warning. Files of clients.d are read in the order of their names (bytewise), those
// that begin with a dot are left out. The [DEFAULT] of clients.conf holds for them too, their own for
// themselves. One name in two files is an error.
ClientsRead read_clients(const std::string& config_directory);

// The one client of TEXT, a section as in clients.conf, with the built-in defaults; warnings are no matter.
// Invalid: it is not that, with all that is wrong.
Result<core::ClientSettings> read_client_section(std::string_view text);

} // namespace mandos::server
