#include "base/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace mandos {

namespace {

ErrorKind kind_of_errno(int code) {
    switch (code) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return ErrorKind::NotFound;
    case EACCES:
    case EPERM:
        return ErrorKind::Denied;
    case ETIMEDOUT:
        return ErrorKind::TimedOut;
    case ECONNRESET:
    case EPIPE:
        return ErrorKind::PeerClosed;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
        return ErrorKind::Exhausted;
    default:
        return ErrorKind::System;
    }
}

} // namespace

std::string errno_text(int code) {
    std::array<char, 256> buffer{};
    // The GNU strerror_r: what it returns need not be the buffer.
    return strerror_r(code, buffer.data(), buffer.size());
}

Error Error::from_errno(int code, std::string_view what) {
    Error error(kind_of_errno(code), fmt::format("{}: {}", what, errno_text(code)));
    error.code_ = code;
    return error;
}

Error Error::context(std::string_view where) && {
    text_.insert(0, fmt::format("{}: ", where));
    return std::move(*this);
}

} // namespace mandos
