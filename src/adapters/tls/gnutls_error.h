// A GnuTLS error code as an Error. Only for the files of this folder.
#pragma once

#include <string_view>

#include <fmt/core.h>
#include <gnutls/gnutls.h>

#include "base/error.h"

namespace mandos::tls {

inline std::unexpected<Error> fail_gnutls(ErrorKind kind, std::string_view what, int code) {
    return std::unexpected(Error(kind, fmt::format("{}: {}", what, gnutls_strerror(code))));
}

} // namespace mandos::tls
