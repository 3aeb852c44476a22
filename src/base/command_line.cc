#include "base/command_line.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <getopt.h>

#include "base/check.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos {

namespace {

// What getopt_long(3) returns for the row INDEX; above all letters.
constexpr int first_row = 256;

std::string letters_of(std::span<const Option> options) {
    std::string letters = ":"; // a missing argument is told from an unknown option
    for (const Option& option : options) {
        if (option.letter == 0)
            continue;
        letters += option.letter;
        if (option.argument != nullptr)
            letters += ':';
    }
    return letters;
}

std::vector<option> long_names_of(std::span<const Option> options) {
    std::vector<option> names;
    names.reserve(options.size() + 1);
    for (std::size_t row = 0; row < options.size(); ++row)
        names.push_back({.name = options[row].name,
                         .has_arg = options[row].argument == nullptr ? no_argument : required_argument,
                         .flag = nullptr,
                         .val = first_row + static_cast<int>(row)});
    names.push_back({.name = nullptr, .has_arg = 0, .flag = nullptr, .val = 0});
    return names;
}

const Option* row_of(std::span<const Option> options, int code) {
    if (code >= first_row)
        return &options[static_cast<std::size_t>(code - first_row)];
    const auto found =
        std::ranges::find_if(options, [code](const Option& o) { return o.letter == code && code != 0; });
    return found == options.end() ? nullptr : &*found;
}

// CODE is what getopt_long(3) left in optopt: the letter, or the row of a long name, or 0 for a name it does
// not know.
std::string given_as(std::span<const Option> options, int code, const char* last_argument) {
    if (code >= first_row)
        return fmt::format("--{}", row_of(options, code)->name);
    if (code != 0)
        return fmt::format("-{}", std::string(1, static_cast<char>(code)));
    return last_argument;
}

std::unexpected<Error> fail_unknown(std::span<const Option> options, const std::string& given) {
    std::string_view name = given;
    name = name.substr(0, name.find('='));
    std::string candidates;
    if (name.starts_with("--"))
        for (const Option& option : options)
            if (std::string_view(option.name).starts_with(name.substr(2)))
                candidates += fmt::format("{}--{}", candidates.empty() ? "" : ", ", option.name);
    // An argument given to an option that takes none comes this way too.
    const auto exact = std::ranges::find_if(
        options, [name](const Option& o) { return name == fmt::format("--{}", o.name); });
    if (exact != options.end() || (!candidates.empty() && candidates.find(',') == std::string::npos))
        return fail(ErrorKind::Invalid, "option {} takes no argument", quoted(name));
    if (!candidates.empty())
        return fail(ErrorKind::Invalid, "option {} is unclear; it could be {}", quoted(given), candidates);
    return fail(ErrorKind::Invalid, "unknown option {}; see --help", quoted(given));
}

} // namespace

Result<std::vector<std::string>> parse_options_and_words(std::span<const Option> options, int argc,
                                                         char** argv) {
    const std::string letters = letters_of(options);
    const std::vector<option> names = long_names_of(options);
    optind = 0; // glibc: begin anew
    opterr = 0;
    for (;;) {
        optopt = -1; // stays so unless getopt_long finds something wrong, which '?' alone would not tell: -?
                     // is valid
        // One thread: options are read before any other is started.
        const int code =
            getopt_long(argc, argv, letters.c_str(), names.data(), nullptr); // NOLINT(concurrency-mt-unsafe)
        if (code == -1)
            break;
        if (code == ':')
            return fail(ErrorKind::Invalid, "option {} needs an argument; see --help",
                        quoted(given_as(options, optopt, argv[optind - 1])));
        // What it returns for anything wrong is also what it returns for the letter -? where a table has
        // that.
        const bool is_question_mark = optind > 0 && std::string_view(argv[optind - 1]) == "-?";
        if (code == '?' && !(is_question_mark && row_of(options, code) != nullptr)) {
            if (optopt >= first_row)
                return fail(ErrorKind::Invalid, "option {} takes no argument",
                            quoted(given_as(options, optopt, nullptr)));
            return fail_unknown(options, given_as(options, optopt, argv[optind - 1]));
        }
        const Option* row = row_of(options, code);
        check(row != nullptr, "getopt_long knows only the rows of the table");
        const std::string_view value =
            optarg == nullptr || row->argument == nullptr ? std::string_view() : optarg;
        if (Result<void> set = row->set(value); !set)
            return std::unexpected(std::move(set).error().context(fmt::format("option --{}", row->name)));
    }
    // getopt_long(3) has moved what is no option behind the options.
    return std::vector<std::string>(argv + optind, argv + argc);
}

Result<void> parse_command_line(std::span<const Option> options, int argc, char** argv) {
    const std::vector<std::string> words = MANDOS_TRY(parse_options_and_words(options, argc, argv));
    if (!words.empty())
        return fail(ErrorKind::Invalid, "unexpected argument {}: there are only options; see --help",
                    quoted(words.front()));
    return {};
}

std::string describe_options(std::span<const Option> options) {
    std::vector<std::pair<std::string, const char*>> rows;
    std::size_t width = 0;
    for (const Option& option : options) {
        std::string left = option.letter == 0 ? "      " : fmt::format("  -{}, ", option.letter);
        left += fmt::format("--{}", option.name);
        if (option.argument != nullptr)
            left += fmt::format("={}", option.argument);
        width = std::max(width, left.size());
        rows.emplace_back(std::move(left), option.help);
    }
    std::string text;
    for (const auto& [left, help] : rows)
        text += fmt::format("{:<{}}  {}\n", left, width, help);
    return text;
}

} // namespace mandos
