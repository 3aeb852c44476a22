#include "wire/section_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"
#include "wire/finding.h"
#include "wire/ini.h"
#include "wire/interpolation.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

constexpr std::array<std::string_view, 4> words_for_yes{"1", "yes", "true", "on"};
constexpr std::array<std::string_view, 4> words_for_no{"0", "no", "false", "off"};
constexpr std::string_view secret_option = "secret";

} // namespace

void FindingsOnce::add(Finding finding) {
    if (said_.emplace(finding.line, finding.section, finding.option, finding.text).second)
        findings_.push_back(std::move(finding));
}

SectionReader::Place SectionReader::find(std::string_view option) const {
    for (const IniSection* section : {&section_, &defaults_, &built_in_})
        if (const IniValue* value = section->find(option))
            return {.value = value, .section = section};
    return {};
}

std::size_t SectionReader::line_of(std::string_view option) const {
    const IniValue* value = find(option).value;
    return value == nullptr ? 0 : value->line;
}

std::optional<std::string> SectionReader::raw(std::string_view option) const {
    const IniValue* value = find(option).value;
    return value == nullptr ? std::nullopt : std::optional(value->text);
}

std::optional<std::string> SectionReader::text(std::string_view option) {
    const IniValue* value = find(option).value;
    return value == nullptr ? std::nullopt : expand(option, value->text);
}

std::optional<std::string> SectionReader::expand(std::string_view option, const std::string& raw) {
    reveals_secret_.clear();
    if (!raw.contains('%'))
        return raw;
    bool has_secret = option == secret_option;
    Result<std::string> expanded =
        interpolate(raw, [this, &has_secret](std::string_view name) -> const std::string* {
            has_secret |= name == secret_option;
            const IniValue* found = find(name).value;
            return found == nullptr ? nullptr : &found->text;
        });
    if (has_secret)
        reveals_secret_ = option;
    if (!expanded) {
        add(Severity::Error, option, expanded.error().text());
        return std::nullopt;
    }
    if (option == secret_option) // whoever reads that knows what it is
        reveals_secret_.clear();
    return std::move(*expanded);
}

std::optional<bool> SectionReader::boolean(std::string_view option) {
    const std::optional<std::string> word = text(option);
    if (!word)
        return std::nullopt;
    const std::string lowered = lower(*word);
    if (std::ranges::find(words_for_yes, lowered) != words_for_yes.end())
        return true;
    if (std::ranges::find(words_for_no, lowered) != words_for_no.end())
        return false;
    add(Severity::Error, option,
        fmt::format("{} is neither yes nor no; expected 1, yes, true or on, or 0, no, false or off",
                    quoted(*word)));
    return std::nullopt;
}

std::optional<Duration> SectionReader::duration(std::string_view option) {
    const std::optional<std::string> written = text(option);
    if (!written)
        return std::nullopt;
    const Result<Duration> parsed = parse_duration(*written);
    if (!parsed) {
        add(Severity::Error, option, parsed.error().text());
        return std::nullopt;
    }
    if (*parsed < Duration::zero()) {
        add(Severity::Warning, option,
            fmt::format("{} is less than nothing, and taken as PT0S", quoted(*written)));
        return Duration::zero();
    }
    if (*parsed > core::limits::time_span) {
        add(Severity::Warning, option,
            fmt::format("{} is longer than {} years, which are taken instead", quoted(*written),
                        core::limits::time_span / std::chrono::hours(24 * 365)));
        return core::limits::time_span;
    }
    return *parsed;
}

void SectionReader::check_expansion() {
    for (const auto& [option, value] : section_.options)
        (void)expand(option, value.text); // for its findings
    for (const auto& [option, value] : defaults_.options)
        if (value.text.contains('%') && section_.find(option) == nullptr)
            (void)expand(option, value.text);
}

void SectionReader::add(Severity severity, std::string_view option, std::string text) {
    failed_ |= severity == Severity::Error;
    if (option == reveals_secret_)
        text =
            "something is wrong with the value, which is not shown, since the secret is in it; expected no % "
            "in a secret, and no reference to it";
    const Place place = find(option);
    const bool by_default = place.section == &defaults_;
    // What it expands to may be another thing in each section.
    if (by_default && place.value->text.contains("%("))
        text += fmt::format(" (as section {} has it)", quoted(section_.name));
    findings_.add(
        Finding{.severity = severity,
                .file = file_,
                .line = place.value != nullptr && place.value->line != 0 ? place.value->line : section_.line,
                .section = by_default ? defaults_.name : section_.name,
                .option = std::string(option),
                .text = std::move(text)});
}

} // namespace mandos::wire
