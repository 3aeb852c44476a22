#include "adapters/log/log.h"

#include <array>
#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <syslog.h>
#include <unistd.h>

#include "adapters/log/datagrams.h"
#include "adapters/log/journal.h"
#include "base/bytes.h"
#include "base/file.h"
#include "wire/mandos_conf.h"

namespace mandos::log {

namespace {

using wire::LogLevel;

// As syslog(3) numbers them.
int priority(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return LOG_DEBUG;
    case LogLevel::Info:
        return LOG_INFO;
    case LogLevel::Notice:
        return LOG_NOTICE;
    case LogLevel::Warning:
        return LOG_WARNING;
    case LogLevel::Error:
        return LOG_ERR;
    case LogLevel::Critical:
        return LOG_CRIT;
    }
    return LOG_ERR;
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

Log::Log(Settings settings)
    : settings_(std::move(settings)),
      standard_error_is_the_journal_(standard_error_is_the_journal()),
      journal_(settings_.journal),
      syslog_(settings_.socket) {}

void Log::write(LogLevel level, std::string_view line, Fields fields) {
    if (!shows(level))
        return;
    const std::string told = with_losses(line);
    Datagrams::Outcome outcome = to_journal(level, told, std::move(fields));
    if (outcome == Datagrams::Outcome::Absent)
        outcome = to_syslog(level, told);
    if (!is_logged(outcome) || (settings_.copy == Copy::Always && !standard_error_is_the_journal_))
        to_standard_error(level, line);
}

void Log::write_to_journal(LogLevel level, std::string_view line, Fields fields) {
    if (shows(level))
        (void)is_logged(to_journal(level, with_losses(line), std::move(fields))); // it counts what is lost
}

std::string Log::with_losses(std::string_view line) const {
    return dropped_ == 0 ? std::string(line)
                         : fmt::format("({} lines before this one were lost) {}", dropped_, line);
}

// False: there is nobody who could have it.
bool Log::is_logged(Datagrams::Outcome outcome) {
    switch (outcome) {
    case Datagrams::Outcome::Taken:
        dropped_ = 0;
        return true;
    case Datagrams::Outcome::Full:
    case Datagrams::Outcome::TooLong:
        ++dropped_;
        return true;
    case Datagrams::Outcome::Absent:
        break;
    }
    return false;
}

// The fields that systemd.journal-fields(7) has for this, and FIELDS.
Datagrams::Outcome Log::to_journal(LogLevel level, std::string_view line, Fields fields) {
    fields.push_back({.name = "MESSAGE", .value = std::string(line)});
    fields.push_back({.name = "PRIORITY", .value = std::to_string(priority(level))});
    fields.push_back({.name = "SYSLOG_FACILITY", .value = std::to_string(LOG_FAC(LOG_DAEMON))});
    fields.push_back({.name = "SYSLOG_IDENTIFIER", .value = "mandos"});
    fields.push_back({.name = "MANDOS_SERVICE", .value = settings_.service_name});
    return journal_.send(fields);
}

Datagrams::Outcome Log::to_syslog(LogLevel level, std::string_view line) {
    // The PID is asked for each time: the server becomes a daemon after its first lines. The NUL ends the
    // line for those readers of /dev/log that expect one, as 1.8 sends it.
    const std::string name = settings_.service_name == "Mandos"
                                 ? std::string("Mandos")
                                 : fmt::format("Mandos ({})", settings_.service_name);
    std::string datagram = fmt::format("<{}>{} [{}]: {}: {}", LOG_DAEMON | priority(level), name, getpid(),
                                       name_of(level), line);
    datagram += '\0';
    return syslog_.send(datagram);
}

void Log::to_standard_error(LogLevel level, std::string_view line) const {
    const std::string text =
        fmt::format("{} mandos [{}]: {}: {}\n", timestamp(), getpid(), name_of(level), line);
    (void)write_all(STDERR_FILENO, as_bytes(text)); // there is nowhere left to say that it failed
}

} // namespace mandos::log
