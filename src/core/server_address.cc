#include "core/server_address.h"

#include <string>

#include <fmt/core.h>

namespace mandos::core {

std::string ServerAddress::text() const {
    const std::string whole = scope.empty() ? host : fmt::format("{}%{}", host, scope);
    if (host.find(':') != std::string::npos)
        return fmt::format("[{}]:{}", whole, port);
    return fmt::format("{}:{}", whole, port);
}

} // namespace mandos::core
