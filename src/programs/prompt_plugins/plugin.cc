#include "programs/prompt_plugins/plugin.h"

#include <csignal>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sysexits.h>

#include "adapters/privilege/process_hygiene.h"
#include "base/command_line.h"
#include "base/error.h"
#include "base/say.h"
#include "base/version.h"
#include "core/disk_prompt.h"

namespace mandos::prompt_plugins {

namespace {

enum class Ask { Password, Help, Usage, Version };

struct Asked {
    Options options;
    Ask what = Ask::Password; // the first that was asked for
};

std::vector<Option> table_for(const Plugin& plugin, Asked& asked) {
    const auto text = [](std::optional<std::string>& into) {
        return [&into](std::string_view value) -> Result<void> {
            into = value;
            return {};
        };
    };
    const auto ask = [&asked](Ask what) {
        return [&asked, what](std::string_view /*value*/) -> Result<void> {
            if (asked.what == Ask::Password)
                asked.what = what;
            return {};
        };
    };
    std::vector<Option> table;
    if (plugin.words != Plugin::Words::None)
        table.push_back({0, "prompt", "PROMPT", "the prompt to show", text(asked.options.words.prompt)});
    if (plugin.words == Plugin::Words::PromptAndPrefix)
        table.push_back(
            {'p', "prefix", "PREFIX", "what to show in front of it", text(asked.options.words.prefix)});
    table.push_back({0, "debug", nullptr, "say each step; never a secret",
                     [&asked](std::string_view /*value*/) -> Result<void> {
                         asked.options.detail = Detail::EachStep;
                         return {};
                     }});
    table.push_back({'?', "help", nullptr, "show this help", ask(Ask::Help)});
    table.push_back({0, "usage", nullptr, "show a short usage message", ask(Ask::Usage)});
    table.push_back({'V', "version", nullptr, "show the version", ask(Ask::Version)});
    return table;
}

std::string usage_text(const Plugin& plugin, std::span<const Option> table) {
    std::string text = fmt::format("Usage: {}", plugin.name);
    for (const Option& option : table)
        text += option.argument == nullptr ? fmt::format(" [--{}]", option.name)
                                           : fmt::format(" [--{}={}]", option.name, option.argument);
    return text + "\n";
}

std::string information(const Plugin& plugin, Ask what, std::span<const Option> table) {
    switch (what) {
    case Ask::Help:
        return fmt::format("Usage: {} [OPTION...]\n{}\n\n{}", plugin.name, plugin.purpose,
                           describe_options(table));
    case Ask::Usage:
        return usage_text(plugin, table);
    case Ask::Version:
        return fmt::format("{} {}\n", plugin.name, version());
    case Ask::Password:
        break;
    }
    return {};
}

// NEW_NAME, or OLD_NAME where it is not set; a variable that is empty says nothing.
std::string variable(const char* new_name, const char* old_name) {
    for (const char* name : {new_name, old_name}) {
        const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): there is one thread
        if (value != nullptr && *value != '\0')
            return value;
    }
    return {};
}

} // namespace

void Plugin::say(std::string_view line) const {
    say_as(fmt::format("Mandos plugin {}", name), line);
}

int Plugin::fail_with(int status, const Error& error) const {
    say(error.text());
    return status;
}

std::variant<Options, int> read_options(const Plugin& plugin, int argc, char** argv) {
    Asked asked;
    const std::vector<Option> table = table_for(plugin, asked);
    auto parsed = parse_command_line(table, argc, argv);
    if (asked.what != Ask::Password) {
        if (const auto told = tell(information(plugin, asked.what, table)); !told)
            return plugin.fail_with(EX_IOERR, told.error());
        return plugin.help_status;
    }
    if (!parsed && plugin.words != Plugin::Words::None)
        return plugin.fail_with(EX_USAGE, parsed.error());
    return std::move(asked.options);
}

core::Volume volume_of_environment() {
    return {.source = variable("CRYPTTAB_SOURCE", "cryptsource"),
            .name = variable("CRYPTTAB_NAME", "crypttarget")};
}

Result<void> prepare_process() {
    privilege::harden_process();
    MANDOS_TRY(privilege::occupy_standard_descriptors());
    (void)signal(SIGPIPE, SIG_IGN);
    return {};
}

void die_of(int signal) {
    (void)::signal(signal, SIG_DFL);
    sigset_t only{};
    (void)sigemptyset(&only);
    (void)sigaddset(&only, signal);
    (void)pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    (void)raise(signal);
    std::abort(); // not reached: each of the signals that we wait for ends a process
}

} // namespace mandos::prompt_plugins
