#include "base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace mandos {

namespace {

// One read(2), begun again when a signal interrupts it. 0: end of file.
Result<std::size_t> read_some(int fd, std::span<std::byte> into) {
    for (;;) {
        const ssize_t got = read(fd, into.data(), into.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR)
            return fail_errno(errno, "cannot read");
    }
}

// What is expected to come: the size of a file, and something for what has none.
std::size_t size_of(int fd) {
    constexpr std::size_t least = 4095;
    struct stat status{};
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0)
        return least;
    return std::max(least, static_cast<std::size_t>(status.st_size));
}

// Buffer is Bytes or SecretBytes; bytes_of gives its writable bytes.
template <class Buffer, class BytesOf>
Result<Buffer> read_to_end(int fd, std::size_t limit, BytesOf bytes_of) {
    Buffer buffer(std::min(size_of(fd) + 1, limit + 1)); // one more, to see that this is the end
    std::size_t filled = 0;
    for (;;) {
        const std::size_t got = MANDOS_TRY(read_some(fd, bytes_of(buffer).subspan(filled)));
        filled += got;
        if (filled > limit)
            return fail(ErrorKind::Exhausted, "larger than {} bytes", limit);
        if (got == 0)
            break;
        if (filled == buffer.size())
            buffer.resize(std::min(buffer.size() * 2, limit + 1));
    }
    buffer.resize(filled);
    return buffer;
}

std::string file_context(const std::string& path) {
    return fmt::format("file {}", quoted(path));
}

// A temporary file that is removed again unless it was renamed.
class TemporaryFile {
  public:
    static Result<TemporaryFile> create(const std::string& directory) {
        std::string name = directory + "/.mandos-XXXXXX";
        UniqueFd fd(mkostemp(name.data(), O_CLOEXEC));
        if (!fd)
            return fail_errno(errno, "cannot make a temporary file in {}", quoted(directory));
        return TemporaryFile(std::move(fd), std::move(name));
    }
    TemporaryFile(TemporaryFile&& other) noexcept
        : fd_(std::move(other.fd_)), name_(std::exchange(other.name_, {})) {}
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (!name_.empty())
            (void)unlink(name_.c_str()); // on the error path already
    }

    int fd() const { return fd_.get(); }
    Result<void> rename_to(const std::string& path) {
        if (rename(name_.c_str(), path.c_str()) != 0)
            return fail_errno(errno, "cannot rename the new file to {}", quoted(path));
        name_.clear();
        return {};
    }

  private:
    TemporaryFile(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

    UniqueFd fd_;
    std::string name_;
};

} // namespace

Result<UniqueFd> open_for_reading(const std::string& path) {
    UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        return fail_errno(errno, "cannot open file {}", quoted(path));
    return fd;
}

Result<Bytes> read_all(int fd, std::size_t limit) {
    return read_to_end<Bytes>(fd, limit, [](Bytes& bytes) { return std::span(bytes); });
}

Result<SecretBytes> read_all_secret(int fd, std::size_t limit) {
    return read_to_end<SecretBytes>(fd, limit, [](SecretBytes& bytes) { return bytes.reveal(); });
}

Result<Bytes> read_file(const std::string& path, std::size_t limit) {
    const UniqueFd fd = MANDOS_TRY(open_for_reading(path));
    return MANDOS_TRY_IN(file_context(path), read_all(fd.get(), limit));
}

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t limit) {
    const UniqueFd fd = MANDOS_TRY(open_for_reading(path));
    return MANDOS_TRY_IN(file_context(path), read_all_secret(fd.get(), limit));
}

Result<void> write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_errno(errno, "cannot write");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> write_file_atomically(const std::string& path, ByteView bytes, mode_t mode) {
    const std::string directory = directory_of(path);
    TemporaryFile temporary = MANDOS_TRY_IN(file_context(path), TemporaryFile::create(directory));
    MANDOS_TRY_IN(file_context(path), write_all(temporary.fd(), bytes));
    if (fchmod(temporary.fd(), mode) != 0 || fsync(temporary.fd()) != 0)
        return fail_errno(errno, "cannot finish file {}", quoted(path));
    MANDOS_TRY(temporary.rename_to(path));
    return sync_directory(directory);
}

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> sync_directory(const std::string& directory) {
    const UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0)
        return fail_errno(errno, "cannot flush directory {}", quoted(directory));
    return {};
}

} // namespace mandos
