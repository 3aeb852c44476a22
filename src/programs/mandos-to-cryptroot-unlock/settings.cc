#include "programs/mandos-to-cryptroot-unlock/settings.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/command_line.h"
#include "base/error.h"
#include "base/version.h"

namespace mandos::unlock {

Result<std::variant<Settings, Information>> read_settings(int argc, char** argv) {
    Settings settings;
    enum class Ask { Nothing, Help, Version } ask = Ask::Nothing;
    using Value = std::string_view;
    const auto text = [](std::string& into) {
        return [&into](Value value) -> Result<void> {
            into = value;
            return {};
        };
    };
    const std::vector<Option> table{
        {0, "plugin-runner", "FILE", "what gets the password", text(settings.runner)},
        {0, "askpass", "FILE", "cryptsetup's program that asks for it", text(settings.askpass)},
        {0, "passfifo", "FILE", "the FIFO that askpass reads", text(settings.fifo)},
        {0, "crypttab", "FILE", "which volumes there are", text(settings.crypttab)},
        {0, "keep-running", "FILE", "made at the start; when it is removed, this program ends",
         text(settings.keep_running)},
        {0, "runner-pid", "FILE", "where the number of plugin-runner's process is written",
         text(settings.runner_pid)},
        {'?', "help", nullptr, "show this help",
         [&ask](Value /*value*/) -> Result<void> {
             ask = Ask::Help;
             return {};
         }},
        {'V', "version", nullptr, "show the version",
         [&ask](Value /*value*/) -> Result<void> {
             ask = Ask::Version;
             return {};
         }},
    };
    settings.runner_options = MANDOS_TRY(parse_options_and_words(table, argc, argv));
    switch (ask) {
    case Ask::Help:
        return Information{
            .text = "Usage: mandos-to-cryptroot-unlock [OPTION...] [-- OPTION-OF-PLUGIN-RUNNER...]\n"
                    "In an initramfs: gets the password and gives it to each volume that cryptsetup "
                    "asks for, until the root disk is there.\n\n"
                    + describe_options(table)};
    case Ask::Version:
        return Information{.text = fmt::format("mandos-to-cryptroot-unlock {}\n", version())};
    case Ask::Nothing:
        break;
    }
    return settings;
}

} // namespace mandos::unlock
