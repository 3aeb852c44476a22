// What Mandos 1.8 left in its state directory, read once when the server is changed for this one. Nothing is
// deleted or decided here. The directory belongs to the service user, so nothing in it is trusted.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/clients_pickle.h"

namespace mandos::server {

// STATE_DIRECTORY/clients.pickle; nothing where there is no such file. Errors name the path: Denied, System,
// Invalid (also where it is a link, or anything else than a file), Unsupported, Exhausted.
Result<std::optional<wire::ImportedState>> read_clients_pickle(const std::string& state_directory);

// The secret that a client had last, which 1.8 encrypted with what was configured. Takes some 0.1 s for each
// client. Denied, Invalid, Unsupported: it cannot be had, as when another secret was configured since; the
// configured one is the client's then. Exhausted: larger than core::limits::secret.
Result<Bytes> recover_secret(ByteView encrypted, ByteView configured);

} // namespace mandos::server
