#include "wire/mandos_conf.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/numbers.h"
#include "base/quote.h"
#include "wire/finding.h"
#include "wire/ini.h"
#include "wire/section_reader.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 6> levels{{{"debug", LogLevel::Debug},
                                                                       {"info", LogLevel::Info},
                                                                       {"notice", LogLevel::Notice},
                                                                       {"warning", LogLevel::Warning},
                                                                       {"error", LogLevel::Error},
                                                                       {"critical", LogLevel::Critical}}};

constexpr std::array<std::string_view, 14> known_options{
    "interface", "address",  "port",    "debug",    "debuglevel", "priority",   "servicename",
    "use_dbus",  "use_ipv6", "restore", "statedir", "socket",     "foreground", "zeroconf"};

// A whole number of at least 0; an empty value is none, as the commented default in the shipped file.
template <class Number>
std::optional<Number> number(SectionReader& reader, std::string_view option) {
    const std::optional<std::string> written = reader.text(option);
    if (!written || written->empty())
        return std::nullopt;
    const auto parsed = parse_number<Number>(*written);
    if (!parsed || *parsed < 0) {
        reader.add(Severity::Error, option,
                   fmt::format("{} is no number from 0 to {}", quoted(*written),
                               std::numeric_limits<Number>::max()));
        return std::nullopt;
    }
    return parsed;
}

std::optional<LogLevel> level(SectionReader& reader) {
    const std::optional<std::string> written = reader.raw("debuglevel");
    if (!written || written->empty())
        return std::nullopt;
    const std::optional<LogLevel> parsed = parse_log_level(*written);
    if (!parsed)
        reader.add(Severity::Error, "debuglevel",
                   fmt::format("{} is no log level; expected CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG",
                               quoted(*written)));
    return parsed;
}

// What is not read is probably misspelt, or in the wrong place.
void warn_of_the_unread(const Ini& ini, SectionReader& reader, const std::string& file, Findings& findings) {
    for (const auto& [option, value] : ini.defaults.options)
        if (std::ranges::find(known_options, option) == known_options.end())
            reader.add(Severity::Warning, option,
                       "there is no such option; it is ignored. See mandos.conf(5)");
    for (const IniSection& section : ini.sections)
        findings.push_back(Finding{.severity = Severity::Warning,
                                   .file = file,
                                   .line = section.line,
                                   .section = section.name,
                                   .text = "the section is ignored; expected all options in [DEFAULT]"});
}

} // namespace

std::optional<LogLevel> parse_log_level(std::string_view word) {
    const std::string lowered = lower(word);
    const auto found = std::ranges::find(levels, lowered, [](const auto& entry) { return entry.first; });
    return found == levels.end() ? std::nullopt : std::optional(found->second);
}

MandosConfParsed parse_mandos_conf(std::string_view text, const std::string& file) {
    Ini ini = parse_ini(text, file);
    MandosConfParsed parsed{.conf = {}, .findings = std::move(ini.findings)};
    const IniSection none;
    SectionReader reader(file, ini.defaults, none, none, parsed.findings);
    parsed.conf = MandosConf{.interface = reader.raw("interface"),
                             .address = reader.raw("address"),
                             .port = number<std::uint16_t>(reader, "port"),
                             .debug = reader.boolean("debug"),
                             .debug_level = level(reader),
                             .priority = reader.raw("priority"),
                             .service_name = reader.raw("servicename"),
                             .use_dbus = reader.boolean("use_dbus"),
                             .use_ipv6 = reader.boolean("use_ipv6"),
                             .restore = reader.boolean("restore"),
                             .state_directory = reader.raw("statedir"),
                             .socket = number<int>(reader, "socket"),
                             .foreground = reader.boolean("foreground"),
                             .zeroconf = reader.boolean("zeroconf")};
    warn_of_the_unread(ini, reader, file, parsed.findings);
    return parsed;
}

} // namespace mandos::wire
