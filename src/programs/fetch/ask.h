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
#include "loop/watch.h"
#include "programs/fetch/answers.h"

namespace mandos::fetch {

// What a client proves and opens answers with; outlives each try.
struct ClientKeys {
    const tls::Context& tls;
    const SecretBytes& openpgp; // armoured secret key
    Answers& answers;           // to all tries
};

// What a try is waiting on, so that it can be hung up from outside. One try at a time, which it outlives.
class Line {
  public:
    // The try ends with an error at its next wait for the server, or the one that is under way. What was
    // received in full is decrypted nevertheless.
    void hang_up();
    bool hung_up() const { return hung_up_; }

    class Use; // by ask()

  private:
    loop::Watch* watch_ = nullptr; // while there is a connection
    bool hung_up_ = false;
};

using Step = std::function<void(std::string_view what)>;

// The password from the server at ENDPOINT, or what went wrong, whoever is to blame. STEP is told where it
// is. Interrupted: LINE was hung up. Exhausted: its answer was one too many (answers.h).
io::awaitable<Result<SecretBytes>> ask(net::Endpoint endpoint, ClientKeys keys, Step step, Line& line);

} // namespace mandos::fetch
