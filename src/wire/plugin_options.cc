#include "wire/plugin_options.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/quote.h"

namespace mandos::wire {

namespace {

// The parts of TEXT between any of SEPARATORS; no empty ones.
void add_parts(std::vector<std::string>& parts, std::string_view text, std::string_view separators) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        if (end > 0)
            parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

} // namespace

std::vector<std::string> parse_runner_configuration(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        add_parts(words, line.substr(0, line.find('#')), " \t\r\v\f");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::vector<std::string> split_plugin_options(std::string_view text) {
    std::vector<std::string> options;
    add_parts(options, text, ",");
    return options;
}

Result<std::string> parse_plugin_name(std::string_view text) {
    if (text.empty() || text.find('/') != std::string_view::npos)
        return fail(ErrorKind::Invalid, "{} is no name of a plugin, which is the name of its file",
                    quoted(text));
    return std::string(text);
}

Result<ForPlugin> parse_for_plugin(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return fail(ErrorKind::Invalid, "{} does not say for which plugin; expected PLUGIN:...",
                    quoted(text));
    return ForPlugin{.plugin = MANDOS_TRY(parse_plugin_name(text.substr(0, colon))),
                     .rest = std::string(text.substr(colon + 1))};
}

Result<std::string> parse_variable(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return fail(ErrorKind::Invalid, "{} is no variable; expected NAME=VALUE", quoted(text));
    return std::string(text);
}

} // namespace mandos::wire
