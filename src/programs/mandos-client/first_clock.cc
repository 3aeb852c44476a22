#include "programs/mandos-client/first_clock.h"

#include <cerrno>
#include <ctime>
#include <initializer_list>
#include <optional>
#include <string>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/error.h"
#include "programs/mandos-client/key_files.h"
#include "programs/mandos-client/messages.h"

namespace mandos::client {

namespace {

constexpr std::time_t end_of_january_1970 = std::time_t{31} * 24 * 60 * 60;

std::optional<std::time_t> change_of(const std::string& path) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return status.st_mtim.tv_sec;
}

} // namespace

std::optional<std::time_t> better_time(std::time_t now,
                                       std::initializer_list<std::optional<std::time_t>> files) {
    if (now >= end_of_january_1970)
        return std::nullopt;
    for (const auto& file : files)
        if (file && *file > now)
            return file;
    return std::nullopt;
}

void set_clock_by(const KeyFiles& files) {
    const auto time =
        better_time(std::time(nullptr), {change_of(files.openpgp_secret), change_of(files.openpgp_public)});
    if (!time)
        return;
    const timespec set{.tv_sec = *time, .tv_nsec = 0};
    if (clock_settime(CLOCK_REALTIME, &set) != 0)
        say(fmt::format("the clock was never set, and cannot be: {}", errno_text(errno)));
}

} // namespace mandos::client
