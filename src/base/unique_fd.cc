#include "base/unique_fd.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

namespace mandos {

Result<UniqueFd> UniqueFd::duplicate(int lowest) const {
    UniqueFd copy(fcntl(fd_, F_DUPFD_CLOEXEC, lowest));
    if (!copy)
        return fail_errno(errno, "cannot duplicate descriptor {}", fd_);
    return copy;
}

void UniqueFd::reset(int fd) noexcept {
    if (fd_ >= 0)
        (void)close(
            fd_); // Linux has freed the number even where close fails: close(2), "Dealing with errors"
    fd_ = fd;
}

} // namespace mandos
