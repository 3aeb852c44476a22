// Errors are values: a kind that says what a caller may do, the errno where there is one, and a text for
// people. Invariant: an Error never means success. Each layer that knows more puts its knowledge in front
// (context()), so that the whole reads `client "db1": secret file "/etc/mandos/db1": permission denied`.
// Libraries return errors; only whoever ends the propagation logs them.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace mandos {

enum class ErrorKind {
    NotFound,    // what was named is not there
    Invalid,     // input that cannot be what it should be
    Denied,      // permission, or a peer that is not who it must be
    TimedOut,    // a time limit passed
    PeerClosed,  // the other side ended before it should have
    Exhausted,   // a limit of ours is reached
    Unsupported, // well-formed, but nothing here does it
    Interrupted, // given up: whoever waited was told to end
    System,      // the operating system or a library failed
};

class [[nodiscard]] Error {
  public:
    Error(ErrorKind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

    // "WHAT: strerror(CODE)". CODE is an errno value; its kind follows from it (ENOENT is NotFound, ...).
    static Error from_errno(int code, std::string_view what);

    ErrorKind kind() const { return kind_; }
    // The errno value behind this, 0 where there is none.
    int code() const { return code_; }
    const std::string& text() const { return text_; }

    // The same error, its text preceded by "WHERE: ".
    Error context(std::string_view where) &&;

  private:
    ErrorKind kind_;
    int code_ = 0;
    std::string text_;
};

template <class T>
using Result = std::expected<T, Error>;

// fail(kind, "port {} is taken", port): what a function returning a Result returns.
template <class... Args>
std::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected(Error(kind, fmt::format(format, std::forward<Args>(args)...)));
}

// fail_errno(errno, "cannot open {}", quoted(path)): the same with the meaning of an errno value behind it.
template <class... Args>
std::unexpected<Error> fail_errno(int code, fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected(Error::from_errno(code, fmt::format(format, std::forward<Args>(args)...)));
}

// The meaning of an errno value, as strerror(3) tells it; may be called from any thread.
std::string errno_text(int code);

namespace detail {
template <class T>
T take(std::expected<T, Error>& result) {
    return std::move(*result);
}
inline void take(std::expected<void, Error>& /*result*/) {}
} // namespace detail

} // namespace mandos

// MANDOS_TRY(expression): the value of a Result, or an early return with its error. Not to be nested.
#define MANDOS_TRY(...)                                                                                      \
    __extension__({                                                                                          \
        auto mandos_result = (__VA_ARGS__);                                                                  \
        if (!mandos_result) [[unlikely]]                                                                     \
            return std::unexpected(std::move(mandos_result).error());                                        \
        ::mandos::detail::take(mandos_result);                                                               \
    })

// The same with WHERE put in front of the error.
#define MANDOS_TRY_IN(where, ...)                                                                            \
    __extension__({                                                                                          \
        auto mandos_result = (__VA_ARGS__);                                                                  \
        if (!mandos_result) [[unlikely]]                                                                     \
            return std::unexpected(std::move(mandos_result).error().context(where));                         \
        ::mandos::detail::take(mandos_result);                                                               \
    })
