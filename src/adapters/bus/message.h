// Values into and out of sd-bus messages (sd_bus_message_append_basic(3), sd_bus_message_read_basic(3)). For
// the files of this folder only; everybody else sees values.
#pragma once

#include <string_view>
#include <vector>

#include <systemd/sd-bus.h>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/handle.h"

namespace mandos::bus {

using Message = Handle<sd_bus_message, sd_bus_message_unref>;

// Appends VALUES, one for each complete type of SIGNATURE. A number fits every integer type that holds it. A
// secret makes the message one whose memory the library wipes. Invalid: a value that cannot be what the
// signature wants.
Result<void> append(sd_bus_message* message, std::string_view signature, const std::vector<Value>& values);

// All values of MESSAGE, read from its start. Unsupported: it carries file descriptors.
Result<std::vector<Value>> read_all(sd_bus_message* message);

} // namespace mandos::bus
