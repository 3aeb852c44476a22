// The passphrase from which Mandos 1.8 derived the key for a client's last secret: the secret that is
// configured for the client, made fit for gpg. Not a secret of its own: whoever knows one knows the other.
#pragma once

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace mandos::wire {

// "mandos" and the hexadecimal digits of CONFIGURED_SECRET; where that is over 2048 bytes, "mandos" and the
// secret itself, in which backslashes, line feeds and NUL bytes are escaped.
SecretBytes legacy_passphrase(ByteView configured_secret);

} // namespace mandos::wire
