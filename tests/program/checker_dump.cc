// Prints what src/wire/checker_command makes of its input, for the comparison with Python. Each line of
// standard input is a JSON array: ["quote", TEXT], ["expand", COMMAND, {ATTRIBUTE: TEXT}], ["span",
// MICROSECONDS] or
// ["time", MICROSECONDS since 1970]; a line of JSON for each: the text, or null for an error.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "wire/checker_command.h"

using std::chrono::microseconds;

namespace {

nlohmann::json answer(const nlohmann::json& question) {
    const auto kind = question.at(0).get<std::string>();
    if (kind == "quote")
        return mandos::wire::shell_quoted(question.at(1).get<std::string>());
    if (kind == "span")
        return mandos::wire::attribute_text(microseconds(question.at(1).get<std::int64_t>()));
    if (kind == "time")
        return mandos::wire::attribute_text(
            std::chrono::sys_time<microseconds>(microseconds(question.at(1).get<std::int64_t>())));
    const auto& attributes = question.at(2);
    const auto text =
        mandos::wire::expand_checker(question.at(1).get<std::string>(), [&attributes](std::string_view name) {
            const auto found = attributes.find(std::string(name));
            return found == attributes.end() ? std::nullopt : std::optional(found->get<std::string>());
        });
    return text ? nlohmann::json(*text) : nlohmann::json();
}

} // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);)
        (void)std::printf("%s\n", answer(nlohmann::json::parse(line)).dump().c_str());
    return 0;
}
