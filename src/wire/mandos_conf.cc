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

// What a value that is expanded can refer to, as 1.8 has them.
const IniSection& built_in_options() {
    static const IniSection built_in{.name = "built-in",
                                     .options = {{"interface", {}},
                                                 {"address", {}},
                                                 {"port", {}},
                                                 {"debug", {.text = "False"}},
                                                 {"servicename", {.text = "Mandos"}},
                                                 {"use_dbus", {.text = "True"}},
                                                 {"use_ipv6", {.text = "True"}},
                                                 {"debuglevel", {}},
                                                 {"restore", {.text = "True"}},
                                                 {"socket", {}},
                                                 {"statedir", {.text = "/var/lib/mandos"}},
                                                 {"foreground", {.text = "False"}},
                                                 {"zeroconf", {.text = "True"}}}};
    return built_in;
}

// Whether the file itself has OPTION.
bool is_given(const SectionReader& reader, std::string_view option) {
    return reader.line_of(option) != 0;
}

std::optional<std::string> raw(const SectionReader& reader, std::string_view option) {
    return is_given(reader, option) ? reader.raw(option) : std::nullopt;
}

std::optional<bool> boolean(SectionReader& reader, std::string_view option) {
    return is_given(reader, option) ? reader.boolean(option) : std::nullopt;
}

// A whole number of at least 0; an empty value is none, as the commented default in the shipped file.
template <class Number>
std::optional<Number> number(SectionReader& reader, std::string_view option) {
    if (!is_given(reader, option))
        return std::nullopt;
    const std::optional<std::string> written = reader.text(option);
    if (!written || written->empty())
        return std::nullopt;
    // As Python's int() reads them.
    std::string_view digits = strip(*written);
    if (digits.starts_with('+') && !digits.starts_with("+-"))
        digits.remove_prefix(1);
    const auto parsed = parse_number<Number>(digits);
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
    FindingsOnce findings(parsed.findings);
    SectionReader reader(file, ini.defaults, none, built_in_options(), findings);
    parsed.conf = MandosConf{.interface = raw(reader, "interface"),
                             .address = raw(reader, "address"),
                             .port = number<std::uint16_t>(reader, "port"),
                             .debug = boolean(reader, "debug"),
                             .debug_level = level(reader),
                             .priority = raw(reader, "priority"),
                             .service_name = raw(reader, "servicename"),
                             .use_dbus = boolean(reader, "use_dbus"),
                             .use_ipv6 = boolean(reader, "use_ipv6"),
                             .restore = boolean(reader, "restore"),
                             .state_directory = raw(reader, "statedir"),
                             .socket = number<int>(reader, "socket"),
                             .foreground = boolean(reader, "foreground"),
                             .zeroconf = boolean(reader, "zeroconf")};
    warn_of_the_unread(ini, reader, file, parsed.findings);
    return parsed;
}

} // namespace mandos::wire
