// Asking a person for a passphrase: on a terminal without echo, which comes back whatever happens; or, where
// standard input is no terminal, its next line, so that scripts can answer.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::terminal {

// Whether there is a person to ask again.
bool is_interactive();

// Writes PROMPT to standard error and reads one line from standard input, without the line's end; blanks at
// both ends are kept. Exhausted: longer than LIMIT bytes; PeerClosed: the input ended before a line did, with
// nothing in it. A signal that ends the program (SIGINT, SIGTERM, SIGHUP, SIGQUIT) does so after the echo is
// back.
Result<SecretBytes> ask_passphrase(const std::string& prompt, std::size_t limit);

// The same, from a terminal, for who has to have one: asks again after a line that is empty or too long, and
// after an end of input (Ctrl-D), a few times a second at most. PeerClosed: the terminal is gone.
Result<SecretBytes> insist_on_passphrase(const std::string& prompt, std::size_t limit);

} // namespace mandos::terminal
