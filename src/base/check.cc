#include "base/check.h"

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace mandos {

void check_failed(const char* what, const std::source_location& where) noexcept {
    (void)std::fprintf(stderr, "bug in Mandos: %s (%s:%u, %s)\n", what, where.file_name(), where.line(),
                       where.function_name());
    std::abort();
}

} // namespace mandos
