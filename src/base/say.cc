#include "base/say.h"

#include <string>
#include <string_view>

#include <fmt/core.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"

namespace mandos {

Result<void> tell(std::string_view text) {
    MANDOS_TRY_IN("standard output", write_all(STDOUT_FILENO, as_bytes(text)));
    return {};
}

void say_as(std::string_view who, std::string_view line) {
    const std::string whole = fmt::format("{}: {}\n", who, line);
    (void)write_all(STDERR_FILENO, as_bytes(whole)); // there is nobody to tell that nobody can be told
}

} // namespace mandos
