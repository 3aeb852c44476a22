#include "programs/mandos-ctl/messages.h"

#include <string_view>

#include "base/say.h"

namespace mandos::ctl {

void say(std::string_view line) {
    say_as("mandos-ctl", line);
}

void complain(std::string_view line, std::string_view hint) {
    say(line);
    if (!hint.empty())
        say_as("hint", hint);
}

} // namespace mandos::ctl
