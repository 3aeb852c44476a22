#include "programs/mandos-client/messages.h"

#include <string_view>

#include "base/say.h"

namespace mandos::client {

void say(std::string_view line) {
    say_as("Mandos plugin mandos-client", line);
}

} // namespace mandos::client
