// What programs that this one runs say, network hooks and DHCP clients: passed on as lines on standard error
// that tell whose they are, without control characters, up to a limit (core/limits.h).
#pragma once

#include <string>

#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::client {

// Each line that comes out of PIPE is said behind "NAME: ", until all who have the other end are gone, or the
// loop is.
io::awaitable<void> pass_on_output(loop::Watch pipe, std::string name);

} // namespace mandos::client
