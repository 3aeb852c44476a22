#include "adapters/service/service.h"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/unique_fd.h"

namespace mandos::service {

namespace {

constexpr int first_socket = 3; // sd_listen_fds(3): SD_LISTEN_FDS_START

// There are no other threads yet.
std::string take_variable(const char* name) {
    const char* value = getenv(name); // NOLINT(concurrency-mt-unsafe)
    std::string taken = value == nullptr ? "" : value;
    (void)unsetenv(name); // NOLINT(concurrency-mt-unsafe)
    return taken;
}

bool is_us(const std::string& pid) {
    return pid.empty() || parse_number<pid_t>(pid) == getpid();
}

} // namespace

Manager Manager::from_environment() {
    Manager manager;
    manager.notify_socket_ = take_variable("NOTIFY_SOCKET");
    const auto watchdog = parse_number<std::int64_t>(take_variable("WATCHDOG_USEC"));
    if (is_us(take_variable("WATCHDOG_PID")) && watchdog && *watchdog > 0)
        manager.watchdog_ = std::chrono::microseconds(*watchdog / 2);
    const auto sockets = parse_number<int>(take_variable("LISTEN_FDS"));
    const std::string listener = take_variable("LISTEN_PID");
    (void)take_variable("LISTEN_FDNAMES");
    if (!listener.empty() && is_us(listener) && sockets && *sockets > 0)
        manager.sockets_ = *sockets;
    return manager;
}

Result<std::optional<UniqueFd>> Manager::take_socket() {
    if (sockets_ == 0)
        return std::nullopt;
    if (sockets_ > 1)
        return fail(
            ErrorKind::Invalid,
            "the service manager hands over {} sockets; expected one: give the socket unit one ListenStream=",
            sockets_);
    sockets_ = 0;
    UniqueFd socket(first_socket);
    if (fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(errno, "the socket that the service manager hands over cannot be used");
    return socket;
}

void Manager::reloading() {
    // sd_notify(3): with Type=notify-reload the manager compares this with when it asked.
    timespec time{};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    constexpr std::int64_t micro = 1'000'000;
    constexpr std::int64_t nano_of_micro = 1000;
    notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", time.tv_sec * micro + time.tv_nsec / nano_of_micro));
}

void Manager::still_starting(std::chrono::microseconds longest, std::string_view text) {
    notify(fmt::format("EXTEND_TIMEOUT_USEC={}\nSTATUS={}", longest.count(), text));
}

void Manager::status(std::string_view text) {
    notify(fmt::format("STATUS={}", text));
}

void Manager::notify(std::string_view state) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (notify_socket_.empty() || notify_socket_.size() >= sizeof(address.sun_path))
        return;
    std::memcpy(address.sun_path, notify_socket_.data(), notify_socket_.size());
    if (address.sun_path[0] == '@') // of the abstract kind (unix(7))
        address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_socket_.size());
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return;
    (void)sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), length);
}

} // namespace mandos::service
