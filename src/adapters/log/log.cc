#include "adapters/log/log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "wire/mandos_conf.h"

namespace mandos::log {

namespace {

using wire::LogLevel;

int syslog_priority(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return LOG_DAEMON | LOG_DEBUG;
    case LogLevel::Info:
        return LOG_DAEMON | LOG_INFO;
    case LogLevel::Notice:
        return LOG_DAEMON | LOG_NOTICE;
    case LogLevel::Warning:
        return LOG_DAEMON | LOG_WARNING;
    case LogLevel::Error:
        return LOG_DAEMON | LOG_ERR;
    case LogLevel::Critical:
        return LOG_DAEMON | LOG_CRIT;
    }
    return LOG_DAEMON | LOG_ERR;
}

std::string_view name_of(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return "DEBUG";
    case LogLevel::Info:
        return "INFO";
    case LogLevel::Notice:
        return "NOTICE";
    case LogLevel::Warning:
        return "WARNING";
    case LogLevel::Error:
        return "ERROR";
    case LogLevel::Critical:
        return "CRITICAL";
    }
    return "ERROR";
}

// "2026-11-24 03:10:42,106", local time.
std::string timestamp() {
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm local{};
    std::array<char, sizeof "2026-11-24 03:10:42"> text{};
    if (localtime_r(&seconds, &local) == nullptr
        || std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local) == 0)
        return "(no time)";
    return fmt::format("{},{:03}", text.data(), milliseconds);
}

} // namespace

Log::Log(Settings settings) : settings_(std::move(settings)) {
    connect();
}

void Log::connect() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (settings_.socket.size() >= sizeof address.sun_path)
        return;
    std::ranges::copy(settings_.socket, address.sun_path);
    socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_
        || ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        socket_.reset();
}

void Log::write(LogLevel level, std::string_view line) {
    if (!shows(level))
        return;
    const bool logged = to_system_log(level, line);
    if (!logged || settings_.copy == Copy::Always)
        to_standard_error(level, line);
}

// False: there is no system log.
bool Log::to_system_log(LogLevel level, std::string_view line) {
    // The PID is asked for each time: the server becomes a daemon after its first lines. The NUL ends the
    // line for those readers of /dev/log that expect one, as 1.8 sends it.
    const std::string name = settings_.service_name == "Mandos"
                                 ? std::string("Mandos")
                                 : fmt::format("Mandos ({})", settings_.service_name);
    const std::string dropped =
        dropped_ == 0 ? std::string() : fmt::format("({} lines before this one were lost) ", dropped_);
    std::string datagram = fmt::format("<{}>{} [{}]: {}: {}{}", syslog_priority(level), name, getpid(),
                                       name_of(level), dropped, line);
    datagram += '\0';
    if (!socket_)
        connect();
    if (!socket_)
        return false;
    ssize_t sent = send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        connect(); // the system log may have been started again
        if (!socket_)
            return false;
        sent = send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
    }
    if (sent >= 0)
        dropped_ = 0;
    else
        ++dropped_;
    return true;
}

void Log::to_standard_error(LogLevel level, std::string_view line) const {
    const std::string text =
        fmt::format("{} mandos [{}]: {}: {}\n", timestamp(), getpid(), name_of(level), line);
    (void)write_all(STDERR_FILENO, as_bytes(text)); // there is nowhere left to say that it failed
}

} // namespace mandos::log
