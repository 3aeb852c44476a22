// Prints what src/wire reads from an INI file, for the comparison with Python: "error", or for each section
// (DEFAULT first) and each of its options the raw and the expanded value, as JSON.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "wire/ini.h"
#include "wire/interpolation.h"

using mandos::wire::Ini;
using mandos::wire::IniSection;
using mandos::wire::IniValue;

namespace {

// All options that a section has, with its own going before the defaults, expanded; null where that fails.
nlohmann::json expanded(const IniSection& section, const IniSection& defaults) {
    const auto find = [&](std::string_view name) -> const std::string* {
        const IniValue* value = section.find(name);
        if (value == nullptr)
            value = defaults.find(name);
        return value == nullptr ? nullptr : &value->text;
    };
    nlohmann::json values = nlohmann::json::object();
    for (const IniSection* from : {&defaults, &section}) {
        for (const auto& [option, value] : from->options) {
            const auto text = mandos::wire::interpolate(*find(option), find);
            values[option] = text ? nlohmann::json(*text) : nlohmann::json();
        }
    }
    return values;
}

nlohmann::json read(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const Ini ini = mandos::wire::parse_ini(text, path);
    if (!ini.findings.empty())
        return "error";
    nlohmann::json sections = nlohmann::json::object();
    for (const IniSection& section : ini.sections)
        sections[section.name] = expanded(section, ini.defaults);
    return sections;
}

} // namespace

// Each argument is a file; a line of JSON for each.
int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i)
        (void)std::printf("%s\n", read(argv[i]).dump().c_str());
    return 0;
}
