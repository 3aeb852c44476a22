// Reads the options of one section as what they should be: expands, converts, and gathers what is wrong with
// the place where it stands. An option is looked for in the section, then in [DEFAULT], then among the
// built-in values.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "base/duration.h"
#include "base/error.h"
#include "wire/finding.h"
#include "wire/ini.h"

namespace mandos::wire {

// Adds findings to a list, each once: what is wrong in [DEFAULT] is met again in each section.
class FindingsOnce {
  public:
    // FINDINGS outlives this.
    explicit FindingsOnce(Findings& findings) : findings_(findings) {}

    void add(Finding finding);

  private:
    Findings& findings_;
    std::set<std::tuple<std::size_t, std::string, std::string, std::string>> said_;
};

class SectionReader {
  public:
    // All that is referred to outlives the reader.
    SectionReader(const std::string& file, const IniSection& section, const IniSection& defaults,
                  const IniSection& built_in, FindingsOnce& findings)
        : file_(file), section_(section), defaults_(defaults), built_in_(built_in), findings_(findings) {}

    // Where OPTION stands: a line of the file, 0 for a built-in value or none.
    std::size_t line_of(std::string_view option) const;

    // As it stands there, without any expansion; nothing where it is nowhere.
    std::optional<std::string> raw(std::string_view option) const;
    // Expanded; nothing where it is nowhere, or has an error, which is then among the findings.
    std::optional<std::string> text(std::string_view option);
    std::optional<bool> boolean(std::string_view option);
    // Between nothing and core::limits::time_span: what is beyond is taken for that, with a warning.
    std::optional<Duration> duration(std::string_view option);

    // Every option that the section has, also from [DEFAULT] and when nobody asked for it: a % that is wrong
    // is wrong everywhere.
    void check_expansion();

    // TEXT is said of OPTION where that stands. It is withheld where the option's value was read last and has
    // the secret in it.
    void add(Severity severity, std::string_view option, std::string text);
    bool failed() const { return failed_; } // whether an error was added

  private:
    struct Place {
        const IniValue* value = nullptr; // nothing: the option is nowhere
        const IniSection* section = nullptr;
    };
    Place find(std::string_view option) const;
    std::optional<std::string> expand(std::string_view option, const std::string& raw);

    const std::string& file_;
    const IniSection& section_;
    const IniSection& defaults_;
    const IniSection& built_in_;
    FindingsOnce& findings_;
    std::string reveals_secret_; // the option that was read last, if its value has the secret in it
    bool failed_ = false;
};

} // namespace mandos::wire
