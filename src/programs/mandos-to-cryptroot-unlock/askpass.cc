#include "programs/mandos-to-cryptroot-unlock/askpass.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/numbers.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "core/time.h"
#include "core/volume_questions.h"
#include "loop/clock.h"
#include "wire/crypttab.h"

namespace mandos::unlock {

namespace {

constexpr std::size_t environment_limit = std::size_t{1} << 20; // bytes

bool are_same(const std::string& path, const struct stat& file) {
    struct stat found{};
    return stat(path.c_str(), &found) == 0 && found.st_dev == file.st_dev && found.st_ino == file.st_ino;
}

bool has_open(const std::string& process, const struct stat& file) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(process + "/fd", error);
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error))
        if (are_same(entry->path(), file))
            return true;
    return false;
}

// The 22nd field of /proc/PID/stat, the 20th behind the name, which may be anything.
std::uint64_t start_time(const std::string& process) {
    const auto content = read_file(process + "/stat", environment_limit);
    if (!content)
        return 0;
    std::string_view text = as_text(*content);
    text.remove_prefix(std::min(text.rfind(')'), text.size()));
    for (int field = 0; field < 20; ++field)
        text.remove_prefix(std::min(text.find(' '), text.size() - 1) + (text.empty() ? 0 : 1));
    return parse_number<std::uint64_t>(text.substr(0, text.find(' '))).value_or(0);
}

core::VolumeQuestion question_of(int pid, const std::string& process) {
    const auto environment = read_file(process + "/environ", environment_limit);
    const auto asking =
        environment ? wire::parse_asking_environment(as_text(*environment)) : wire::AskingEnvironment();
    return {.process = pid,
            .started = start_time(process),
            .volume = asking.volume,
            .tried = asking.tried,
            .tries = asking.tries};
}

// So many at once never block when poll(2) says that there is room (pipe(7)).
Result<std::size_t> write_piece(int fifo, ByteView rest) {
    const ssize_t written = write(fifo, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (written >= 0)
        return static_cast<std::size_t>(written);
    if (errno == EINTR || errno == EAGAIN)
        return 0;
    return fail_errno(errno, "cannot write the password");
}

} // namespace

std::optional<core::VolumeQuestion> who_asks(const std::string& program, const std::string& fifo) {
    struct stat executed{};
    struct stat read{};
    if (stat(program.c_str(), &executed) != 0 || stat(fifo.c_str(), &read) != 0)
        return std::nullopt;
    std::optional<int> first; // what it forks to run others looks like it, and has a higher number
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error);
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const auto pid = parse_number<int>(entry->path().filename().string());
        const std::string process = entry->path();
        if (pid && (!first || *pid < *first) && are_same(process + "/exe", executed)
            && has_open(process, read))
            first = pid;
    }
    if (!first)
        return std::nullopt;
    return question_of(*first, fmt::format("/proc/{}", *first));
}

Result<void> answer(const std::string& fifo, const SecretBytes& password) {
    const UniqueFd writing(open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!writing)
        return errno == ENXIO ? fail(ErrorKind::PeerClosed, "nobody reads it any more")
                              : fail_errno(errno, "cannot open the FIFO of cryptsetup");
    struct stat status{};
    if (fstat(writing.get(), &status) != 0 || !S_ISFIFO(status.st_mode))
        return fail(ErrorKind::Invalid, "what should be the FIFO of cryptsetup is none");
    const core::Time deadline = loop::now() + core::limits::volume_answer_time;
    ByteView rest = password.reveal();
    while (!rest.empty()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - loop::now());
        pollfd waited{.fd = writing.get(), .events = POLLOUT, .revents = 0};
        if (poll(&waited, 1, std::max(0, static_cast<int>(left.count()))) == 0)
            return fail(ErrorKind::TimedOut, "cryptsetup does not read it");
        rest = rest.subspan(MANDOS_TRY(write_piece(writing.get(), rest)));
    }
    return {};
}

} // namespace mandos::unlock
