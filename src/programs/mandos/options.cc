#include "programs/mandos/options.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/command_line.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "programs/mandos/settings.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

using Set = std::function<Result<void>(std::string_view)>;

Set text_into(std::optional<std::string>& target) {
    return [&target](std::string_view value) -> Result<void> {
        target = value;
        return {};
    };
}

// VALUE is what giving the option means.
template <class T>
Set value_into(T& target, bool value) {
    return [&target, value](std::string_view) -> Result<void> {
        target = value;
        return {};
    };
}

template <class Number>
Set number_into(std::optional<Number>& target, const char* expected) {
    return [&target, expected](std::string_view value) -> Result<void> {
        target = parse_number<Number>(value);
        if (!target)
            return fail(ErrorKind::Invalid, "{} is no number from {}", quoted(value), expected);
        return {};
    };
}

Set level_into(std::optional<wire::LogLevel>& target) {
    return [&target](std::string_view value) -> Result<void> {
        target = wire::parse_log_level(value);
        if (!target)
            return fail(ErrorKind::Invalid,
                        "{} is no log level; expected CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG",
                        quoted(value));
        return {};
    };
}

std::vector<Option> table(CommandLine& line) {
    wire::MandosConf& conf = line.conf;
    return {
        {'i', "interface", "IF", "Listen on this network interface only", text_into(conf.interface)},
        {'a', "address", "ADDRESS", "Listen on this address only", text_into(conf.address)},
        {'p', "port", "PORT", "Listen on this TCP port; 0: any (default 6263)",
         number_into(conf.port, "0 to 65535")},
        {0, "check", nullptr, "Check the configuration and the libraries, and exit",
         value_into(line.check, true)},
        {0, "debug", nullptr, "Stay in the foreground and log everything, also to standard error",
         value_into(conf.debug, true)},
        {0, "debuglevel", "LEVEL", "Log from this level on: CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG",
         level_into(conf.debug_level)},
        {0, "priority", "STRING", "GnuTLS priority string for the handshake", text_into(conf.priority)},
        {0, "servicename", "NAME", "Name to announce and to log under", text_into(conf.service_name)},
        {0, "configdir", "DIR", "Directory of mandos.conf and clients.conf (default /etc/mandos)",
         [&line](std::string_view value) -> Result<void> {
             line.config_directory = value;
             return {};
         }},
        {0, "no-dbus", nullptr, "Do without D-Bus", value_into(conf.use_dbus, false)},
        {0, "no-ipv6", nullptr, "Listen on IPv4 only", value_into(conf.use_ipv6, false)},
        {0, "no-restore", nullptr, "Do not read the stored state", value_into(conf.restore, false)},
        {0, "statedir", "DIR", "Directory of the stored state (default /var/lib/mandos)",
         text_into(conf.state_directory)},
        {0, "socket", "FD", "Use this descriptor as listening socket", number_into(conf.socket, "0 on")},
        {0, "foreground", nullptr, "Do not become a daemon", value_into(conf.foreground, true)},
        {0, "no-zeroconf", nullptr, "Announce nothing", value_into(conf.zeroconf, false)},
        {'v', "version", nullptr, "Show the version and exit", value_into(line.version, true)},
        {'h', "help", nullptr, "Show this text and exit", value_into(line.help, true)},
    };
}

} // namespace

Result<CommandLine> read_command_line(int argc, char** argv) {
    CommandLine line;
    const std::vector<Option> options = table(line);
    MANDOS_TRY(parse_command_line(options, argc, argv));
    return line;
}

std::string help_text() {
    CommandLine unused;
    return fmt::format(
        "usage: mandos [OPTION...]\n"
        "Gives encrypted servers that restart their passwords, as long as they are alive and well.\n\n{}\n"
        "What is not given here comes from CONFIGDIR/mandos.conf. See mandos(8).\n",
        describe_options(table(unused)));
}

} // namespace mandos::server
