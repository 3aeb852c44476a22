#include "wire/clients_conf.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/quote.h"
#include "core/client.h"
#include "core/key_id.h"
#include "core/limits.h"
#include "wire/finding.h"
#include "wire/ini.h"
#include "wire/section_reader.h"

namespace mandos::wire {

namespace {

// The defaults that a file can refer to, as 1.8 has them; those of core::ClientSettings are the same.
const IniSection& built_in_options() {
    static const IniSection built_in{.name = "built-in",
                                     .options = {{"timeout", {.text = "PT5M"}},
                                                 {"extended_timeout", {.text = "PT15M"}},
                                                 {"interval", {.text = "PT2M"}},
                                                 {"checker", {.text = "fping -q -- %%(host)s"}},
                                                 {"host", {}},
                                                 {"approval_delay", {.text = "PT0S"}},
                                                 {"approval_duration", {.text = "PT1S"}},
                                                 {"approved_by_default", {.text = "True"}},
                                                 {"enabled", {.text = "True"}}}};
    return built_in;
}

// What is taken where neither a section nor its file's [DEFAULT] says anything. INHERITED stands in another
// file: its lines are not this one's.
IniSection below(const IniSection& inherited) {
    IniSection options{.name = "built-in"};
    for (const auto& [option, value] : inherited.options)
        options.add(option, {.text = value.text});
    for (const auto& [option, value] : built_in_options().options)
        if (options.find(option) == nullptr)
            options.add(option, value);
    return options;
}

constexpr std::size_t worth_shrinking = 32; // bytes of a secret's buffer that nothing is in

template <class T>
void set(T& setting, std::optional<T> value) {
    if (value)
        setting = std::move(*value);
}

std::optional<core::KeyId> read_key_id(SectionReader& reader) {
    const std::optional<std::string> written = reader.text("key_id");
    if (!written)
        return std::nullopt;
    if (written->empty())
        return std::nullopt;
    const Result<core::KeyId> key_id = core::KeyId::parse(*written);
    if (!key_id) {
        reader.add(Severity::Error, "key_id",
                   fmt::format("{} is no key ID: {}; expected what `mandos-keygen --password` prints",
                               quoted(*written), key_id.error().text()));
        return std::nullopt;
    }
    if (key_id->is_of_nothing())
        reader.add(Severity::Warning, "key_id",
                   "this is the key ID of no key at all, which a faulty Mandos 1.8.0 printed: this client "
                   "gets nothing. "
                   "Make its section anew with `mandos-keygen --password`");
    return *key_id;
}

std::string read_fingerprint(SectionReader& reader) {
    std::string digits = reader.text("fingerprint").value_or("");
    std::erase_if(digits, [](char c) { return c == ' '; });
    const Result<Bytes> bytes = from_hex(digits);
    if (bytes)
        return to_hex(*bytes, HexCase::Upper);
    // 1.8 takes any text here and does nothing with it but show it.
    reader.add(Severity::Warning, "fingerprint",
               fmt::format("{} is no fingerprint: {}; it is ignored", quoted(digits), bytes.error().text()));
    return {};
}

// What the secret is, is not said in any finding: it stays between the file and the client.
void read_secret(SectionReader& reader, ClientSection& section) {
    if (const std::optional<std::string> written = reader.text("secret")) {
        Result<Base64Decoded> decoded = from_base64(*written);
        if (!decoded) {
            reader.add(Severity::Error, "secret",
                       fmt::format("{}; expected base64, as `mandos-keygen --password` prints it",
                                   decoded.error().text()));
            return;
        }
        if (decoded->junk_skipped)
            reader.add(Severity::Warning, "secret",
                       "there are characters in it that do not belong into base64; they are skipped");
        if (decoded->bytes.empty())
            reader.add(Severity::Warning, "secret", "it is empty: this client gets nothing");
        if (decoded->bytes.size() > core::limits::secret)
            reader.add(Severity::Error, "secret",
                       fmt::format("it has {} bytes; expected at most {}, which is what clients take",
                                   decoded->bytes.size(), core::limits::secret));
        if (decoded->bytes.capacity() > decoded->bytes.size() + worth_shrinking)
            decoded->bytes.shrink_to_fit();
        section.settings.secret = core::make_secret(std::move(decoded->bytes));
        return;
    }
    if (auto path = reader.text("secfile")) {
        section.secret_file = NamedFile{.path = std::move(*path), .line = reader.line_of("secfile")};
        return;
    }
    if (!reader.raw("secret") && !reader.raw("secfile")) // else what is wrong with it was said
        reader.add(
            Severity::Error, "secret",
            "the client has neither a secret nor a secfile; expected what `mandos-keygen --password` prints");
}

void read_openpgp_key(SectionReader& reader, ClientSection& section) {
    auto text = reader.text("openpgp_key");
    auto path = reader.text("openpgp_keyfile");
    if (text)
        section.openpgp_key = InlineText{.text = std::move(*text), .line = reader.line_of("openpgp_key")};
    else if (path)
        section.openpgp_key = NamedFile{.path = std::move(*path), .line = reader.line_of("openpgp_keyfile")};
}

ClientSection read_section(SectionReader& reader, const IniSection& from) {
    ClientSection section{.line = from.line};
    core::ClientSettings& client = section.settings;
    client.name = from.name;
    client.key_id = read_key_id(reader);
    client.fingerprint = read_fingerprint(reader);
    set(client.host, reader.text("host"));
    set(client.checker, reader.text("checker"));
    set(client.timeout, reader.duration("timeout"));
    set(client.extended_timeout, reader.duration("extended_timeout"));
    set(client.interval, reader.duration("interval"));
    set(client.approval_delay, reader.duration("approval_delay"));
    set(client.approval_duration, reader.duration("approval_duration"));
    set(client.approved_by_default, reader.boolean("approved_by_default"));
    set(client.enabled, reader.boolean("enabled"));
    if (client.interval < core::limits::shortest_interval) {
        reader.add(Severity::Warning, "interval",
                   "checking without a pause is no use; PT1S is taken instead");
        client.interval = core::limits::shortest_interval;
    }
    read_secret(reader, section);
    read_openpgp_key(reader, section);
    const bool has_key = reader.raw("openpgp_key") || reader.raw("openpgp_keyfile");
    if (reader.raw("key_id").value_or("").empty() && !has_key)
        reader.add(
            Severity::Warning, "key_id",
            "the client has no key ID: it gets nothing. Expected what `mandos-keygen --password` prints");
    reader.check_expansion();
    return section;
}

// Two clients with one key ID: a server that chose one of them would do so by chance.
void warn_of_shared_keys(const ClientsConfParsed& parsed, const std::string& file, Findings& findings) {
    std::unordered_map<core::KeyId, const ClientSection*> first_with;
    first_with.reserve(parsed.sections.size());
    for (const ClientSection& section : parsed.sections) {
        const auto& key_id = section.settings.key_id;
        if (!key_id || key_id->is_of_nothing())
            continue;
        const auto [first, is_first] = first_with.try_emplace(*key_id, &section);
        if (!is_first)
            findings.push_back(Finding{
                .severity = Severity::Warning,
                .file = file,
                .line = section.line,
                .section = section.settings.name,
                .option = "key_id",
                .text = fmt::format("section {} (line {}) has the same: neither of them gets anything",
                                    quoted(first->second->settings.name), first->second->line)});
    }
}

} // namespace

ClientsConfParsed parse_clients_conf(std::string_view text, const std::string& file,
                                     const IniSection& inherited) {
    Ini ini = parse_ini(text, file);
    const IniSection fallback = below(inherited);
    ClientsConfParsed parsed{.sections = {}, .findings = std::move(ini.findings)};
    parsed.sections.reserve(ini.sections.size());
    FindingsOnce findings(parsed.findings);
    for (IniSection& from : ini.sections) {
        SectionReader reader(file, from, ini.defaults, fallback, findings);
        ClientSection section = read_section(reader, from);
        if (!reader.failed())
            parsed.sections.push_back(std::move(section));
        from = {}; // what is read is given back, so that a large file is not held twice
    }
    warn_of_shared_keys(parsed, file, parsed.findings);
    parsed.defaults = std::move(ini.defaults);
    return parsed;
}

} // namespace mandos::wire
