// Finding: one thing wrong with a configuration, said so that an administrator can mend it without a manual:
// which file, line, section and option, the value that was found, and what was expected. Parsers gather
// findings instead of stopping at the first, so that --check can list them all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace mandos::wire {

enum class Severity {
    Warning, // Mandos goes on: the rest of the configuration is not touched by it
    Error,   // the configuration cannot be used
};

struct Finding {
    Severity severity = Severity::Error;
    std::string file;
    std::size_t line = 0; // counted from 1; 0: the file as a whole
    std::string section;  // empty: none
    std::string option;   // empty: none
    std::string text;     // names the value and what was expected

    // One line: `/etc/mandos/clients.conf:12: section "db1", option timeout: "5x" is no time span; expected
    // ...`.
    std::string describe() const;
};

using Findings = std::vector<Finding>;

inline bool has_errors(const Findings& findings) {
    return std::ranges::any_of(findings, [](const Finding& f) { return f.severity == Severity::Error; });
}

} // namespace mandos::wire
