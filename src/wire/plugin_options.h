// The texts that plugin-runner is told what to do by: its configuration file, and options that name a plugin.
// As in Mandos 1.8 there are no quotes and no escapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mandos::wire {

// The options of a configuration file: words separated by blanks and line ends; from "#" to the end of its
// line all is comment.
std::vector<std::string> parse_runner_configuration(std::string_view text);

// "OPT,OPT": its parts; empty ones are left out.
std::vector<std::string> split_plugin_options(std::string_view text);

struct ForPlugin {
    std::string plugin; // a file name
    std::string rest;   // what follows the first colon
};

// "PLUGIN:REST". Invalid: there is no colon, or what is in front of it is no name of a file.
Result<ForPlugin> parse_for_plugin(std::string_view text);

// The name of a plugin. Invalid: empty, or with a "/".
Result<std::string> parse_plugin_name(std::string_view text);

// "VAR=value", as it is in an environment. Invalid: there is no "=", or no name in front of it.
Result<std::string> parse_variable(std::string_view text);

} // namespace mandos::wire
