// ask(): one try of one server, from the connection to the decrypted password. Reads like the protocol
// (docs/protocol.md): the line, the handshake backwards, the answer, close_notify both ways; each step with
// its time limit.
#pragma once

#include <functional>
#include <string_view>

#include "adapters/net/resolve.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "loop/asio.h"

namespace mandos::fetch {

// What a client proves and opens answers with; outlives each try.
struct ClientKeys {
    const tls::Context& tls;
    const SecretBytes& openpgp; // armoured secret key
};

using Step = std::function<void(std::string_view what)>;

// The password from the server at ENDPOINT, or what went wrong, whoever is to blame. STEP is told where it
// is.
io::awaitable<Result<SecretBytes>> ask(net::Endpoint endpoint, ClientKeys keys, Step step);

} // namespace mandos::fetch
