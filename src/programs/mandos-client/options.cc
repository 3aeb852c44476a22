#include "programs/mandos-client/options.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <getopt.h>

#include "adapters/tls/tls.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/version.h"
#include "core/server_address.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/key_files.h"
#include "wire/server_address.h"

namespace mandos::client {

namespace {

Result<Duration> parse_seconds(std::string_view text) {
    constexpr double most = 1e9; // 30 years
    const auto seconds = parse_number<double>(text);
    if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > most)
        return fail(ErrorKind::Invalid, "{} is no time in seconds; expected a number like 2.5, not below 0",
                    quoted(text));
    return std::chrono::round<Duration>(std::chrono::duration<double>(*seconds));
}

Result<void> set_time(Duration& time, std::string_view text) {
    time = MANDOS_TRY(parse_seconds(text));
    return {};
}

Result<void> set_text(std::string& into, std::string_view text) {
    into = text;
    return {};
}

Result<void> add_server(Options& options, std::string_view text) {
    options.servers.push_back(MANDOS_TRY(wire::parse_server_address(text)));
    return {};
}

Result<void> add_interfaces(Options& options, std::string_view text) {
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view name = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (name.empty())
            continue;
        if (!wire::is_interface_name(name))
            return fail(ErrorKind::Invalid, "{} cannot be the name of a network interface; see: ip link",
                        quoted(name));
        options.interfaces.emplace_back(name);
    }
    return {};
}

Result<void> set_priority(Options& options, std::string_view text) {
    options.priority = text;
    (void)MANDOS_TRY(tls::Context::for_mandos_server(options.priority)); // the cheapest that reads it
    return {};
}

// For old scripts: in TLS 1.3 nothing depends on it.
Result<void> check_dh_bits(std::string_view text) {
    if (!parse_number<std::uint32_t>(text))
        return fail(ErrorKind::Invalid, "{} is no number of bits; expected one like 2048", quoted(text));
    return {};
}

enum class Ask { Nothing, Help, Usage, Version };

// What the letters of options without one are.
enum LongOnly : int { Priority = 256, DhBits, DhParams, Delay, Retry, NetworkHookDir, Debug, Usage };

struct Row {
    int letter;
    const char* name;
    const char* argument; // nullptr: none
    const char* help;
};

constexpr Row table[] = {
    {'c', "connect", "ADDRESS:PORT", "Ask this Mandos server; may be given several times: all are asked"},
    {'i', "interface", "NAME[,NAME...]", "Network interfaces to use; \"none\": bring none up"},
    {'s', "seckey", "FILE", "OpenPGP secret key"},
    {'p', "pubkey", "FILE", "OpenPGP public key"},
    {'t', "tls-privkey", "FILE", "TLS private key"},
    {'T', "tls-pubkey", "FILE", "TLS public key"},
    {Priority, "priority", "STRING", "GnuTLS priority string for the handshake"},
    {DhBits, "dh-bits", "BITS", "Ignored; kept for old scripts"},
    {DhParams, "dh-params", "FILE", "Ignored; kept for old scripts"},
    {Delay, "delay", "SECONDS", "How long to wait for an interface to come up"},
    {Retry, "retry", "SECONDS", "The longest time between two tries of one server"},
    {NetworkHookDir, "network-hook-dir", "DIR", "Directory of network hooks"},
    {Debug, "debug", nullptr, "Say each step"},
    {'?', "help", nullptr, "Show this help"},
    {Usage, "usage", nullptr, "Show a short usage message"},
    {'V', "version", nullptr, "Show the version"},
};

Result<Ask> apply(int letter, std::string_view value, Options& options) {
    Result<void> applied;
    switch (letter) {
    case 'c':
        applied = add_server(options, value);
        break;
    case 'i':
        applied = add_interfaces(options, value);
        break;
    case 's':
        applied = set_text(options.keys.openpgp_secret, value);
        break;
    case 'p':
        applied = set_text(options.keys.openpgp_public, value);
        break;
    case 't':
        applied = set_text(options.keys.tls_private, value);
        break;
    case 'T':
        applied = set_text(options.keys.tls_public, value);
        break;
    case Priority:
        applied = set_priority(options, value);
        break;
    case DhBits:
        applied = check_dh_bits(value);
        break;
    case DhParams:
        break;
    case Delay:
        applied = set_time(options.delay, value);
        break;
    case Retry:
        applied = set_time(options.retry, value);
        break;
    case NetworkHookDir:
        applied = set_text(options.network_hook_directory, value);
        break;
    case Debug:
        options.detail = fetch::Detail::EachStep;
        break;
    case '?':
        return Ask::Help;
    case Usage:
        return Ask::Usage;
    case 'V':
        return Ask::Version;
    default:
        return fail(ErrorKind::Invalid, "not in the table of options");
    }
    if (!applied)
        return std::unexpected(std::move(applied).error());
    return Ask::Nothing;
}

std::string forms(const Row& row) {
    const std::string argument = row.argument == nullptr ? "" : fmt::format("={}", row.argument);
    if (row.letter < Priority)
        return fmt::format("-{}, --{}{}", static_cast<char>(row.letter), row.name, argument);
    return fmt::format("    --{}{}", row.name, argument);
}

std::string usage_text() {
    std::string text = "Usage: mandos-client";
    for (const Row& row : table)
        text += row.argument == nullptr ? fmt::format(" [--{}]", row.name)
                                        : fmt::format(" [--{}={}]", row.name, row.argument);
    return text + "\n";
}

std::string help_text() {
    std::string text =
        "Usage: mandos-client [OPTION...]\n"
        "Gets the password of this client from a Mandos server and writes it to standard output.\n\n";
    for (const Row& row : table)
        text += fmt::format("  {:<32} {}\n", forms(row), row.help);
    return text;
}

const Row* row_of(int letter) {
    const auto* const row = std::ranges::find(table, letter, &Row::letter);
    return row == std::end(table) ? nullptr : row;
}

// getopt_long's complaint about ARGUMENT, which is where it stopped.
std::string complaint(int code, int letter, std::string_view argument) {
    if (code == ':')
        return fmt::format("option {} needs a value", quoted(argument));
    const Row* row = letter == 0 ? nullptr : row_of(letter);
    if (row != nullptr && row->argument == nullptr && argument.starts_with("--"))
        return fmt::format("option --{} takes no value", row->name);
    const std::string named =
        letter != 0 && row == nullptr ? fmt::format("-{}", static_cast<char>(letter)) : std::string(argument);
    return fmt::format("unknown or ambiguous option {}; see mandos-client --help", quoted(named));
}

struct GetoptTables {
    std::string letters = ":"; // a missing value is told apart
    std::vector<option> names;
};

GetoptTables getopt_tables() {
    GetoptTables tables;
    for (const Row& row : table) {
        const int takes = row.argument == nullptr ? no_argument : required_argument;
        tables.names.push_back({.name = row.name, .has_arg = takes, .flag = nullptr, .val = row.letter});
        if (row.letter >= Priority || row.letter == '?') // which getopt() says of each error too
            continue;
        tables.letters += static_cast<char>(row.letter);
        if (row.argument != nullptr)
            tables.letters += ':';
    }
    tables.names.push_back({.name = nullptr, .has_arg = 0, .flag = nullptr, .val = 0});
    return tables;
}

// A link-local address without a link can never be reached: better said at once than for ever.
Result<void> check_scopes(const Options& options) {
    for (const core::ServerAddress& server : options.servers) {
        if (wire::needs_scope(server) && options.only_interface().empty())
            return fail(
                ErrorKind::Invalid,
                "option --connect: {} is a link-local address; add %INTERFACE to it, or name exactly one "
                "with --interface",
                server.text());
    }
    return {};
}

} // namespace

Result<std::variant<Options, Information>> read_options(int argc, char** argv) {
    const GetoptTables tables = getopt_tables();
    Options options;
    opterr = 0; // what is wrong is said by us
    for (;;) {
        int long_index = -1; // stays so where a long option is wrong
        optopt = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
        const int code = getopt_long(argc, argv, tables.letters.c_str(), tables.names.data(), &long_index);
        if (code == -1)
            break;
        const bool help = code == '?' && (long_index >= 0 || optopt == '?');
        const std::string_view here = argv[std::max(1, optind - 1)];
        if ((code == '?' && !help) || code == ':')
            return fail(ErrorKind::Invalid, "{}", complaint(code, optopt, here));
        const auto ask = MANDOS_TRY_IN(fmt::format("option --{}", row_of(code)->name),
                                       apply(code, optarg == nullptr ? "" : optarg, options));
        switch (ask) {
        case Ask::Nothing:
            break;
        case Ask::Help:
            return Information{.text = help_text()};
        case Ask::Usage:
            return Information{.text = usage_text()};
        case Ask::Version:
            return Information{.stream = Information::Stream::Error,
                               .text = fmt::format("mandos-client {}", version())};
        }
    }
    if (optind < argc)
        return fail(ErrorKind::Invalid,
                    "unexpected argument {}; expected options only, see mandos-client --help",
                    quoted(argv[optind]));
    MANDOS_TRY(check_scopes(options));
    return options;
}

std::string Options::only_interface() const {
    std::vector<std::string> named = interfaces;
    std::erase(named, "none");
    return named.size() == 1 ? named.front() : "";
}

} // namespace mandos::client
