// UniqueFd: owns one file descriptor, closes it once. Descriptors are never kept as a bare int.
// Whoever makes one makes it close-on-exec from birth (O_CLOEXEC, SOCK_CLOEXEC, ...).
#pragma once

#include <utility>

#include "base/error.h"

namespace mandos {

class UniqueFd {
  public:
    UniqueFd() = default;
    // Takes over FD (-1: none).
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(std::exchange(other.fd_, -1));
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    // A second descriptor for the same open file, close-on-exec, not below LOWEST.
    Result<UniqueFd> duplicate(int lowest = 3) const;

    // -1 where there is none.
    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
    void reset(int fd = -1) noexcept;

  private:
    int fd_ = -1;
};

} // namespace mandos
