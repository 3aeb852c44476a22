// Text as D-Bus lets it pass (D-Bus specification, "Valid UTF-8"; libsystemd is stricter: no noncharacters).
#pragma once

#include <string>
#include <string_view>

namespace mandos::bus {

// TEXT; each byte that may not be sent, NUL included, is U+FFFD instead.
std::string sendable(std::string_view text);

} // namespace mandos::bus
