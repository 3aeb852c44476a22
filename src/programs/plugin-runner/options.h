// What plugin-runner is told: its configuration file and its command line (plugin-runner(8mandos)),
// everything that Mandos 1.8 takes, in its forms.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include <sys/types.h>

#include "base/error.h"

namespace mandos::runner {

struct PluginOptions {
    std::vector<std::string> arguments;
    std::vector<std::string> environment; // "NAME=value"
    enum class Use { Enabled, Disabled } use = Use::Enabled;
};

struct Options {
    PluginOptions all;                            // for each plugin; its arguments behind the plugin's own
    std::map<std::string, PluginOptions> plugins; // by file name
    std::string plugin_directory = "/lib/mandos/plugins.d";
    std::string helper_directory = "/lib/mandos/plugin-helpers";
    std::string configuration_file = "/conf/conf.d/mandos/plugin-runner.conf";
    uid_t user = 65534; // nobody
    gid_t group = 65534;
    enum class Detail { Failures, EachStep } detail = Detail::Failures;
    std::vector<std::string> complaints; // what was wrong and is gone on without

    // What NAME is started with, beside its name: its own arguments, then those of all, in 1.8's order.
    std::vector<std::string> arguments_for(const std::string& name) const;
    // The environment of this process, and over it what all plugins get, and what NAME gets.
    std::vector<std::string> environment_for(const std::string& name) const;
    bool is_disabled(const std::string& name) const;
};

// What was asked for instead of a password.
struct Information {
    std::string text; // for standard output
};

// The configuration file first, which need not be there, then the command line. Invalid: which option is
// wrong, where, and what was expected; other kinds: the file cannot be read.
Result<std::variant<Options, Information>> read_options(int argc, char** argv);

} // namespace mandos::runner
