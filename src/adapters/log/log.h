// The server's log: one line for each event, to the system's log (syslog(3)'s socket /dev/log, which journald
// serves too) and, when asked or when there is no system log, to standard error. Lines are passed in whole;
// what a peer or user supplied is quoted() by whoever writes the line. A full system log never blocks: the
// line is dropped and counted, and the count is told with the next that fits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "wire/mandos_conf.h"

namespace mandos::log {

// When lines go to standard error, with date and time in front.
enum class Copy {
    WhenNoSystemLog,
    Always,
};

class Log {
  public:
    struct Settings {
        std::string service_name = "Mandos";           // the name in front of each line
        wire::LogLevel level = wire::LogLevel::Notice; // lines below it are left out
        Copy copy = Copy::WhenNoSystemLog;
        std::string socket = "/dev/log";
    };

    explicit Log(Settings settings);

    void set_copy(Copy copy) { settings_.copy = copy; }

    bool shows(wire::LogLevel level) const { return level >= settings_.level; }

    // Writes LINE unless LEVEL is below the log's. One thread at a time.
    void write(wire::LogLevel level, std::string_view line);

  private:
    bool to_system_log(wire::LogLevel level, std::string_view line);
    void to_standard_error(wire::LogLevel level, std::string_view line) const;
    void connect();

    Settings settings_;
    UniqueFd socket_;
    std::size_t dropped_ = 0;
};

} // namespace mandos::log
