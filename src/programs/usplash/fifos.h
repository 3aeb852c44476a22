// Usplash's two FIFOs: commands go into one, the answer to a question comes out of the other. A command is
// its words, then a NUL.
#pragma once

#include <string_view>

#include "adapters/processes/run.h"
#include "base/error.h"
#include "base/secret_bytes.h"

namespace mandos::usplash {

// Interrupted: a signal came while usplash took nothing; it waits in SIGNALS. TimedOut: nobody reads.
Result<void> send_command(std::string_view command, const processes::EndingSignals& signals);

// What was typed, up to the NUL or the end of the file behind it. Interrupted: a signal came, it waits in
// SIGNALS. Exhausted: longer than a password can be.
Result<SecretBytes> read_answer(const processes::EndingSignals& signals);

} // namespace mandos::usplash
