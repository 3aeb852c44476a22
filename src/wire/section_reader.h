// Reads the options of one section as what they should be: expands, converts, and gathers what is wrong with
// the place where it stands. An option is looked for in the section, then in [DEFAULT], then among the
// built-in values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/duration.h"
#include "base/error.h"
#include "wire/finding.h"
#include "wire/ini.h"

namespace mandos::wire {

class SectionReader {
  public:
    // All that is referred to outlives the reader.
    SectionReader(const std::string& file, const IniSection& section, const IniSection& defaults,
                  const IniSection& built_in, Findings& findings)
        : file_(file), section_(section), defaults_(defaults), built_in_(built_in), findings_(findings) {}

    // Where OPTION stands: a line of the file, 0 for a built-in value or none.
    std::size_t line_of(std::string_view option) const;

    // As it stands there, without any expansion; nothing where it is nowhere.
    std::optional<std::string> raw(std::string_view option) const;
    // Expanded; nothing where it is nowhere, or has an error, which is then among the findings.
    std::optional<std::string> text(std::string_view option);
    std::optional<bool> boolean(std::string_view option);
    std::optional<Duration> duration(std::string_view option);

    // Every option of the section, also those that nobody asked for: a % that is wrong is wrong everywhere.
    void check_expansion();

    void add(Severity severity, std::string_view option, std::string text);
    bool failed() const { return failed_; } // whether an error was added

  private:
    const IniValue* find(std::string_view option) const;

    const std::string& file_;
    const IniSection& section_;
    const IniSection& defaults_;
    const IniSection& built_in_;
    Findings& findings_;
    bool failed_ = false;
};

} // namespace mandos::wire
