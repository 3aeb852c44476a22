#include "programs/mandos-keygen/messages.h"

#include <string_view>

#include "base/say.h"

namespace mandos::keygen {

void complain(std::string_view line) {
    say_as("mandos-keygen", line);
}

} // namespace mandos::keygen
