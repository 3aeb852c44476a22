// The text of a configuration file, in the dialect of Python's ConfigParser as Mandos 1.8 uses it: `=` and
// `:`, comments on lines of their own, values continued by indentation, a [DEFAULT] section, strict about
// what is given twice. Values are raw here: interpolation.h expands them.
// tests/program/ini_against_python_test.py compares it with Python. Findings never show what an option named
// "secret" holds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wire/finding.h"

namespace mandos::wire {

struct IniValue {
    std::string text; // continued lines are joined by line feeds; no white space at both ends
    std::size_t line = 0;
};

struct IniSection {
    std::string name;
    std::size_t line = 0;
    std::vector<std::pair<std::string, IniValue>> options; // names in lower case, in the order of the file

    std::unordered_map<std::string, std::size_t> index; // into options, once there are many of them

    // Nothing (nullptr) where the section does not have OPTION; the first where it has it twice.
    const IniValue* find(std::string_view option) const;
    // The new option's value, until the next one is added.
    IniValue& add(std::string option, IniValue value);
};

struct Ini {
    IniSection defaults{.name = "DEFAULT"};
    std::vector<IniSection> sections;
    Findings findings; // all that is wrong, each an error; what could be read is there all the same
};

// TEXT is the whole file, FILE its name for the findings.
Ini parse_ini(std::string_view text, const std::string& file);

} // namespace mandos::wire
