// What the configuration process sends the server: a ClientsRead as CBOR (RFC 8949).
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "programs/mandos/clients.h"

namespace mandos::server {

Bytes encode(const ClientsRead& read);
// Invalid: anything that encode() does not make.
Result<ClientsRead> decode(ByteView message);

} // namespace mandos::server
