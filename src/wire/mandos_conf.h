// mandos.conf: the server's own settings, one optional value for each key, exactly as the file says it.
// What the command line and the built-in defaults add is the business of programs/mandos/settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/finding.h"

namespace mandos::wire {

// The levels of --debuglevel, any case in the file. Notice is not 1.8's: it is what is not wrong but must be
// seen.
enum class LogLevel { Debug, Info, Notice, Warning, Error, Critical };

// "critical", "ERROR", ...: nothing where WORD is none of the six.
std::optional<LogLevel> parse_log_level(std::string_view word);

struct MandosConf {
    std::optional<std::string> interface;
    std::optional<std::string> address;
    std::optional<std::uint16_t> port; // an empty value is the same as none; 0 is not
    std::optional<bool> debug;
    std::optional<LogLevel> debug_level;
    std::optional<std::string> priority; // raw, a single % stays
    std::optional<std::string> service_name;
    std::optional<bool> use_dbus;
    std::optional<bool> use_ipv6;
    std::optional<bool> restore;
    std::optional<std::string> state_directory;
    std::optional<int> socket; // a descriptor
    std::optional<bool> foreground;
    std::optional<bool> zeroconf;
};

struct MandosConfParsed {
    MandosConf conf;
    Findings findings;
};

// TEXT is the whole file, FILE its name for the findings.
MandosConfParsed parse_mandos_conf(std::string_view text, const std::string& file);

} // namespace mandos::wire
