// cryptsetup's askpass, as this program sees it: a process that asks a person for the password of a volume,
// and reads the FIFO that it made (README.initramfs of Debian's cryptsetup). What comes there is the
// password, byte for byte, up to the end; whichever comes first, from there or from the console, is taken.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/volume_questions.h"

namespace mandos::unlock {

// Who asks at this moment: the process that executes PROGRAM, with FIFO open. Nothing: nobody. Looks at every
// process. Nothing is opened: askpass would see the end of what it reads.
std::optional<core::VolumeQuestion> who_asks(const std::string& program, const std::string& fifo);

// Writes PASSWORD to FIFO. PeerClosed: nobody reads it any more, as a person was faster; TimedOut: it is not
// read; Invalid: it is not a FIFO.
Result<void> answer(const std::string& fifo, const SecretBytes& password);

} // namespace mandos::unlock
