#include "wire/section_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "wire/finding.h"
#include "wire/ini.h"
#include "wire/interpolation.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

constexpr std::array<std::string_view, 4> words_for_yes{"1", "yes", "true", "on"};
constexpr std::array<std::string_view, 4> words_for_no{"0", "no", "false", "off"};

} // namespace

const IniValue* SectionReader::find(std::string_view option) const {
    for (const IniSection* section : {&section_, &defaults_, &built_in_})
        if (const IniValue* value = section->find(option))
            return value;
    return nullptr;
}

std::size_t SectionReader::line_of(std::string_view option) const {
    const IniValue* value = find(option);
    return value == nullptr ? 0 : value->line;
}

std::optional<std::string> SectionReader::raw(std::string_view option) const {
    const IniValue* value = find(option);
    return value == nullptr ? std::nullopt : std::optional(value->text);
}

std::optional<std::string> SectionReader::text(std::string_view option) {
    const IniValue* value = find(option);
    if (value == nullptr)
        return std::nullopt;
    if (!value->text.contains('%'))
        return value->text;
    Result<std::string> expanded =
        interpolate(value->text, [this](std::string_view name) -> const std::string* {
            const IniValue* found = find(name);
            return found == nullptr ? nullptr : &found->text;
        });
    if (!expanded) {
        add(Severity::Error, option, expanded.error().text());
        return std::nullopt;
    }
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
    if (*parsed >= Duration::zero())
        return *parsed;
    add(Severity::Warning, option,
        fmt::format("{} is less than nothing, and taken as PT0S", quoted(*written)));
    return Duration::zero();
}

void SectionReader::check_expansion() {
    for (const auto& [option, value] : section_.options)
        (void)text(option); // for its findings
}

void SectionReader::add(Severity severity, std::string_view option, std::string text) {
    const auto same = [&](const Finding& f) {
        return f.section == section_.name && f.option == option && f.text == text;
    };
    failed_ |= severity == Severity::Error;
    // The last few are enough: an option is read twice within its own section.
    const auto recent = findings_.size() > 32 ? findings_.end() - 32 : findings_.begin();
    if (std::any_of(recent, findings_.end(), same))
        return;
    findings_.push_back(Finding{.severity = severity,
                                .file = file_,
                                .line = line_of(option) != 0 ? line_of(option) : section_.line,
                                .section = section_.name,
                                .option = std::string(option),
                                .text = std::move(text)});
}

} // namespace mandos::wire
