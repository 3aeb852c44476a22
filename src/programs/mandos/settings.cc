#include "programs/mandos/settings.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "core/limits.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

// SETTING becomes the first of the two that says something; else it keeps its default.
template <class T>
void set(T& setting, const std::optional<T>& from_command_line, const std::optional<T>& from_file) {
    if (from_command_line)
        setting = *from_command_line;
    else if (from_file)
        setting = *from_file;
}

// Old packages shipped a priority string for OpenPGP certificates (RFC 6091), commented out. GnuTLS has
// forgotten them, and whoever has that line in force would have a server that nobody can connect to.
void replace_outdated_priority(wire::MandosConfParsed& parsed, const std::string& path) {
    std::optional<std::string>& priority = parsed.conf.priority;
    if (!priority || !priority->contains("CTYPE-OPENPGP"))
        return;
    parsed.findings.push_back(
        {.severity = wire::Severity::Warning,
         .file = path,
         .section = "DEFAULT",
         .option = "priority",
         .text = fmt::format("{} is for OpenPGP certificates, which TLS no longer has; the "
                             "default is used instead. Delete the line",
                             quoted(*priority))});
    priority.reset();
}

} // namespace

Settings merge(const CommandLine& command_line, const wire::MandosConf& file) {
    const wire::MandosConf& given = command_line.conf;
    Settings settings;
    set(settings.interface, given.interface, file.interface);
    set(settings.address, given.address, file.address);
    settings.port = given.port ? given.port : file.port;
    set(settings.log_level, given.debug_level, file.debug_level);
    set(settings.priority, given.priority, file.priority);
    set(settings.service_name, given.service_name, file.service_name);
    set(settings.use_ipv6, given.use_ipv6, file.use_ipv6);
    set(settings.use_dbus, given.use_dbus, file.use_dbus);
    set(settings.zeroconf, given.zeroconf, file.zeroconf);
    set(settings.restore, given.restore, file.restore);
    set(settings.debug, given.debug, file.debug);
    set(settings.foreground, given.foreground, file.foreground);
    set(settings.state_directory, given.state_directory, file.state_directory);
    settings.socket = given.socket ? given.socket : file.socket;
    settings.config_directory = command_line.config_directory;
    if (settings.debug) {
        settings.foreground = true;
        settings.log_level = wire::LogLevel::Debug;
    }
    return settings;
}

wire::MandosConfParsed read_mandos_conf(const std::string& config_directory) {
    const std::string path = config_directory + "/mandos.conf";
    const Result<Bytes> content = read_file(path, core::limits::configuration_file);
    if (content) {
        wire::MandosConfParsed parsed = wire::parse_mandos_conf(as_text(*content), path);
        replace_outdated_priority(parsed, path);
        return parsed;
    }
    if (content.error().kind() == ErrorKind::NotFound)
        return {};
    wire::Finding unreadable{.severity = wire::Severity::Error, .file = path, .text = content.error().text()};
    return {.conf = {}, .findings = {std::move(unreadable)}};
}

} // namespace mandos::server
