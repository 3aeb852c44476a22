// The server's log: one line for each event, to the system's log and, when asked or when there is none, to
// standard error. The system's log is systemd's journal where one runs, which also gets the fields that go
// with a line, else syslog(3)'s socket /dev/log; never both. Lines are passed in whole; what a peer or user
// supplied is quoted() by whoever writes the line, and is as it came in fields. A full system log never
// blocks: the line is dropped and counted, and the count is told with the next that fits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/log/datagrams.h"
#include "adapters/log/journal.h"
#include "wire/journal_entry.h"
#include "wire/mandos_conf.h"

namespace mandos::log {

// When lines go to standard error, with date and time in front. What is the system's log too gets no copy.
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
        std::string journal = "/run/systemd/journal/socket"; // empty: none
        std::string socket = "/dev/log";
    };
    using Fields = std::vector<wire::JournalField>;

    explicit Log(Settings settings);

    void set_copy(Copy copy) { settings_.copy = copy; }

    bool shows(wire::LogLevel level) const { return level >= settings_.level; }

    // Writes LINE unless LEVEL is below the log's. One thread at a time.
    // FIELDS tell programs what LINE tells people.
    void write(wire::LogLevel level, std::string_view line, Fields fields = {});
    // What lines alone need not tell: where there is no journal nothing is written.
    void write_to_journal(wire::LogLevel level, std::string_view line, Fields fields);

  private:
    std::string with_losses(std::string_view line) const;
    bool is_logged(Datagrams::Outcome outcome);
    Datagrams::Outcome to_journal(wire::LogLevel level, std::string_view line, Fields fields);
    Datagrams::Outcome to_syslog(wire::LogLevel level, std::string_view line);
    void to_standard_error(wire::LogLevel level, std::string_view line) const;

    Settings settings_;
    const bool standard_error_is_the_journal_; // a copy there would be the same line again
    Journal journal_;
    Datagrams syslog_;
    std::size_t dropped_ = 0;
};

} // namespace mandos::log
