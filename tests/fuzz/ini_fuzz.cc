// A configuration file: whatever is in it, findings name existing lines, and values expand or fail.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/ini.h"
#include "wire/interpolation.h"
#include "wire/mandos_conf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const mandos::wire::Ini ini = mandos::wire::parse_ini(text, "f");
    const auto lines =
        static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c == '\n' || c == '\r'; }))
        + 1;
    for (const auto& finding : ini.findings)
        mandos::check(finding.line >= 1 && finding.line <= lines, "a finding is in the file");
    for (const auto& section : ini.sections)
        for (const auto& [option, value] : section.options)
            (void)mandos::wire::interpolate(value.text, [&section = section](std::string_view name) {
                const auto* found = section.find(name);
                return found == nullptr ? nullptr : &found->text;
            });
    (void)mandos::wire::parse_mandos_conf(text, "f");
    return 0;
}
