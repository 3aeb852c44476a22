#include "programs/plugin-runner/options.h"

#include <algorithm>
#include <expected>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sys/types.h>

#include "adapters/password_process/password_process.h"
#include "base/bytes.h"
#include "base/command_line.h"
#include "base/error.h"
#include "base/file.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/version.h"
#include "core/limits.h"
#include "wire/plugin_options.h"

namespace mandos::runner {

namespace {

enum class Ask { Password, Help, Usage, Version };

struct Asked {
    Options options;
    Ask what = Ask::Password; // the first that was asked for
};

void append(std::vector<std::string>& to, std::vector<std::string> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Later ones of the same name take the place of earlier ones.
void set_variable(std::vector<std::string>& environment, std::string variable) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('=') + 1);
    const auto found =
        std::ranges::find_if(environment, [name](const std::string& each) { return each.starts_with(name); });
    if (found == environment.end())
        environment.push_back(std::move(variable));
    else
        *found = std::move(variable);
}

Result<void> add_options_for(Options& options, std::string_view value) {
    const wire::ForPlugin given = MANDOS_TRY(wire::parse_for_plugin(value));
    append(options.plugins[given.plugin].arguments, wire::split_plugin_options(given.rest));
    return {};
}

Result<void> set_variable_for(Options& options, std::string_view value) {
    const wire::ForPlugin given = MANDOS_TRY(wire::parse_for_plugin(value));
    set_variable(options.plugins[given.plugin].environment, MANDOS_TRY(wire::parse_variable(given.rest)));
    return {};
}

Result<void> use_plugin(Options& options, PluginOptions::Use use, std::string_view value) {
    options.plugins[MANDOS_TRY(wire::parse_plugin_name(value))].use = use;
    return {};
}

// As ever a bad number is no reason to give no password: it is said, and the default used.
Result<void> set_id(Options& options, id_t& id, std::string_view name, std::string_view value) {
    constexpr id_t none = static_cast<id_t>(-1);
    if (const auto number = parse_number<id_t>(value); number && *number != none)
        id = *number;
    else
        options.complaints.push_back(fmt::format(
            "option --{}: {} is no number of a user or group; {} is used", name, quoted(value), id));
    return {};
}

std::vector<Option> table_for(Asked& asked) {
    Options& options = asked.options;
    using Value = std::string_view;
    const auto text = [](std::string& into) {
        return [&into](Value value) -> Result<void> {
            into = value;
            return {};
        };
    };
    const auto ask = [&asked](Ask what) {
        return [&asked, what](Value /*value*/) -> Result<void> {
            if (asked.what == Ask::Password)
                asked.what = what;
            return {};
        };
    };
    return {
        {'g', "global-options", "OPTION[,OPTION...]", "give these options to all plugins",
         [&options](Value value) -> Result<void> {
             append(options.all.arguments, wire::split_plugin_options(value));
             return {};
         }},
        {'G', "global-env", "VAR=VALUE", "set this variable in the environment of all plugins",
         [&options](Value value) -> Result<void> {
             set_variable(options.all.environment, MANDOS_TRY(wire::parse_variable(value)));
             return {};
         }},
        {'o', "options-for", "PLUGIN:OPTION[,OPTION...]", "give these options to one plugin",
         [&options](Value value) { return add_options_for(options, value); }},
        {'E', "env-for", "PLUGIN:VAR=VALUE", "set this variable in the environment of one plugin",
         [&options](Value value) { return set_variable_for(options, value); }},
        {'d', "disable", "PLUGIN", "do not start this plugin",
         [&options](Value value) { return use_plugin(options, PluginOptions::Use::Disabled, value); }},
        {'e', "enable", "PLUGIN", "start this plugin, although it was disabled before",
         [&options](Value value) { return use_plugin(options, PluginOptions::Use::Enabled, value); }},
        {0, "plugin-dir", "DIR", "directory of the plugins", text(options.plugin_directory)},
        {0, "plugin-helper-dir", "DIR", "directory of what plugins use", text(options.helper_directory)},
        {0, "config-file", "FILE", "file of more options", text(options.configuration_file)},
        {0, "userid", "ID", "number of the user that plugins are started as",
         [&options](Value value) { return set_id(options, options.user, "userid", value); }},
        {0, "groupid", "ID", "number of the group that plugins are started in",
         [&options](Value value) { return set_id(options, options.group, "groupid", value); }},
        {0, "debug", nullptr, "say each step; never a secret",
         [&options](Value /*value*/) -> Result<void> {
             options.detail = Options::Detail::EachStep;
             return {};
         }},
        {'?', "help", nullptr, "show this help", ask(Ask::Help)},
        {0, "usage", nullptr, "show a short usage message", ask(Ask::Usage)},
        {'V', "version", nullptr, "show the version", ask(Ask::Version)},
    };
}

std::string usage_text(std::span<const Option> table) {
    std::string text = "Usage: plugin-runner";
    for (const Option& option : table)
        text += option.argument == nullptr ? fmt::format(" [--{}]", option.name)
                                           : fmt::format(" [--{}={}]", option.name, option.argument);
    return text + "\n";
}

std::string information(Ask what) {
    Asked asked;
    const std::vector<Option> table = table_for(asked);
    switch (what) {
    case Ask::Usage:
        return usage_text(table);
    case Ask::Version:
        return fmt::format("plugin-runner {}\n", version());
    case Ask::Help:
    case Ask::Password:
        break;
    }
    return "Usage: plugin-runner [OPTION...]\n"
           "Runs all plugins at once and writes the first password that one of them gives to standard "
           "output.\n\n"
           + describe_options(table);
}

Result<void> read_configuration(Asked& asked, const std::string& file) {
    const auto content = read_file(file, core::limits::runner_configuration);
    if (!content && content.error().kind() == ErrorKind::NotFound)
        return {};
    if (!content)
        return std::unexpected(content.error());
    std::vector<std::string> words = wire::parse_runner_configuration(as_text(*content));
    words.insert(words.begin(), "plugin-runner");
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    MANDOS_TRY_IN(fmt::format("file {}", quoted(file)),
                  parse_command_line(table_for(asked), static_cast<int>(words.size()), arguments.data()));
    asked.what = Ask::Password; // a file does not ask
    return {};
}

} // namespace

Result<std::variant<Options, Information>> read_options(int argc, char** argv) {
    Asked first; // which file, and whether the command line is right: what it says takes effect later
    auto parsed = parse_command_line(table_for(first), argc, argv);
    if (first.what != Ask::Password)
        return Information{.text = information(first.what)};
    if (!parsed)
        return std::unexpected(std::move(parsed).error());
    Asked asked;
    MANDOS_TRY(read_configuration(asked, first.options.configuration_file));
    MANDOS_TRY(parse_command_line(table_for(asked), argc, argv));
    return std::move(asked.options);
}

std::vector<std::string> Options::arguments_for(const std::string& name) const {
    std::vector<std::string> arguments;
    if (const auto found = plugins.find(name); found != plugins.end())
        arguments = found->second.arguments;
    append(arguments, all.arguments);
    return arguments;
}

std::vector<std::string> Options::environment_for(const std::string& name) const {
    std::vector<std::string> environment = password_process::own_environment();
    set_variable(environment, fmt::format("MANDOSPLUGINHELPERDIR={}", helper_directory));
    for (const std::string& variable : all.environment)
        set_variable(environment, variable);
    if (const auto found = plugins.find(name); found != plugins.end())
        for (const std::string& variable : found->second.environment)
            set_variable(environment, variable);
    return environment;
}

bool Options::is_disabled(const std::string& name) const {
    const auto found = plugins.find(name);
    return found != plugins.end() && found->second.use == PluginOptions::Use::Disabled;
}

} // namespace mandos::runner
