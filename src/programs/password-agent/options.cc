#include "programs/password-agent/options.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <sys/types.h>

#include "base/command_line.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/version.h"

namespace mandos::agent {

namespace {

// As ever, neither may be root.
Result<void> set_id(id_t& id, std::string_view value) {
    constexpr id_t none = static_cast<id_t>(-1);
    const auto number = parse_number<id_t>(value);
    if (!number || *number == 0 || *number == none)
        return fail(ErrorKind::Invalid, "{} is no number of a user or group other than root", quoted(value));
    id = *number;
    return {};
}

// How many of ARGV are this program's own: what follows is the client's, whatever it looks like.
int own_arguments(int argc, char** argv) {
    constexpr std::array<std::string_view, 5> alone{"-?", "-V", "--help", "--usage", "--version"};
    int own = 1;
    while (own < argc) {
        const std::string_view word = argv[own];
        if (word == "--" || !word.starts_with('-') || word == "-")
            break;
        const bool has_value =
            std::ranges::find(alone, word) != alone.end()
            || (word.starts_with("--") ? word.find('=') != std::string_view::npos : word.size() > 2);
        own += has_value ? 1 : 2;
    }
    return std::min(own, argc);
}

} // namespace

Result<std::variant<Options, Information>> read_options(int argc, char** argv) {
    Options options;
    enum class Ask { Nothing, Help, Version } ask = Ask::Nothing;
    using Value = std::string_view;
    const auto text = [](std::string& into) {
        return [&into](Value value) -> Result<void> {
            into = value;
            return {};
        };
    };
    const auto asks = [&ask](Ask what) {
        return [&ask, what](Value /*value*/) -> Result<void> {
            ask = what;
            return {};
        };
    };
    const std::vector<Option> table{
        {'d', "agent-directory", "DIR", "directory of the questions", text(options.directory)},
        {0, "helper-directory", "DIR", "directory of what the program uses", text(options.helper_directory)},
        {'u', "user", "ID", "number of the user that the program is run as",
         [&options](Value value) { return set_id(options.user, value); }},
        {'g', "group", "ID", "number of its group",
         [&options](Value value) { return set_id(options.group, value); }},
        {'?', "help", nullptr, "show this help", asks(Ask::Help)},
        {0, "usage", nullptr, "show this help", asks(Ask::Help)},
        {'V', "version", nullptr, "show the version", asks(Ask::Version)},
    };
    const int own = own_arguments(argc, argv);
    std::vector<char*> ours(argv, argv + own);
    ours.push_back(nullptr);
    MANDOS_TRY(parse_command_line(table, own, ours.data()));
    switch (ask) {
    case Ask::Help:
        return Information{.text = "Usage: password-agent [OPTION...] [--] [PROGRAM [ARGUMENT...]]\n"
                                   "Answers the questions of systemd's password agents with what a program "
                                   "writes, by default mandos-client.\n\n"
                                   + describe_options(table)};
    case Ask::Version:
        return Information{.text = fmt::format("password-agent {}\n", version())};
    case Ask::Nothing:
        break;
    }
    const int client = own < argc && std::string_view(argv[own]) == "--" ? own + 1 : own;
    if (client < argc)
        options.client.assign(argv + client, argv + argc);
    return options;
}

} // namespace mandos::agent
