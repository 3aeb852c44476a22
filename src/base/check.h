// check(): what must be true unless this program has a bug. Always on; ends the process. Never judges input.
#pragma once

#include <source_location>

namespace mandos {

[[noreturn]] void check_failed(const char* what, const std::source_location& where) noexcept;

inline void check(bool holds, const char* what,
                  const std::source_location& where = std::source_location::current()) noexcept {
    if (!holds) [[unlikely]]
        check_failed(what, where);
}

} // namespace mandos
