#include "programs/mandos-ctl/messages.h"

#include <string>
#include <string_view>

#include <fmt/core.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"

namespace mandos::ctl {

Result<void> tell(std::string_view text) {
    MANDOS_TRY_IN("standard output", write_all(STDOUT_FILENO, as_bytes(text)));
    return {};
}

void say(std::string_view line) {
    const std::string whole = fmt::format("mandos-ctl: {}\n", line);
    (void)write_all(STDERR_FILENO, as_bytes(whole)); // there is nobody to tell that nobody can be told
}

void complain(std::string_view line, std::string_view hint) {
    say(line);
    if (!hint.empty())
        (void)write_all(STDERR_FILENO, as_bytes(fmt::format("hint: {}\n", hint)));
}

} // namespace mandos::ctl
