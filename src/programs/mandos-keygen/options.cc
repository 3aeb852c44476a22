#include "programs/mandos-keygen/options.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/command_line.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "programs/mandos-keygen/host_name.h"
#include "wire/client_section.h"
#include "wire/server_address.h"

namespace mandos::keygen {

namespace {

using Set = std::function<Result<void>(std::string_view)>;

// An empty value is more likely a script's unset variable than meant.
template <class Text>
Set text_into(Text& target) {
    return [&target](std::string_view value) -> Result<void> {
        if (value.empty())
            return fail(ErrorKind::Invalid, "the value is empty");
        target = std::string(value);
        return {};
    };
}

Set may_be_empty_into(std::string& target) {
    return [&target](std::string_view value) -> Result<void> {
        target = std::string(value);
        return {};
    };
}

Result<void> set_name(Options& options, std::string_view value) {
    MANDOS_TRY(wire::check_client_name(value));
    options.name = std::string(value);
    return {};
}

template <class T>
Set value_into(T& target, T value) {
    return [&target, value](std::string_view) -> Result<void> {
        target = value;
        return {};
    };
}

Set length_into(std::optional<unsigned>& target) {
    return [&target](std::string_view value) -> Result<void> {
        constexpr unsigned least = 512;
        target = parse_number<unsigned>(value);
        if (!target || *target < least)
            return fail(ErrorKind::Invalid, "{} is no length in bits; expected a number from {} on",
                        quoted(value), least);
        return {};
    };
}

Result<void> set_expiry(Options& options, std::string_view value) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    options.expires_after = MANDOS_TRY(parse_expiry(value, now));
    return {};
}

Result<void> set_patience(Options& options, std::string_view value) {
    constexpr unsigned most = 86'400;
    const auto seconds = parse_number<unsigned>(value);
    if (!seconds || *seconds == 0 || *seconds > most)
        return fail(ErrorKind::Invalid, "{} is no number of seconds from 1 to {}", quoted(value), most);
    options.patience = std::chrono::seconds(*seconds);
    return {};
}

Result<void> add_server(Options& options, std::string_view value) {
    options.servers.push_back(MANDOS_TRY(wire::parse_server_address(value)));
    return {};
}

// Asking for help or the version goes before everything else; two different things to do are a mistake.
Set mode_into(Options& options, Mode mode) {
    return [&options, mode](std::string_view) -> Result<void> {
        if (options.mode == Mode::Help || options.mode == Mode::Version)
            return {};
        if (mode != Mode::Help && mode != Mode::Version && options.mode != Mode::CreateKeys
            && options.mode != mode)
            return fail(ErrorKind::Invalid, "--password and --test cannot be given together");
        options.mode = mode;
        return {};
    };
}

std::vector<Option> table(Options& options) {
    return {
        {'d', "dir", "DIR", "Directory of the keys (default /etc/keys/mandos or /etc/mandos/keys)",
         text_into(options.directory)},
        {'n', "name", "NAME", "Name of the client (default: this machine's)",
         [&options](std::string_view value) { return set_name(options, value); }},
        {'t', "type", "TYPE", "OpenPGP key type: RSA, DSA, ECDSA or EDDSA", text_into(options.type)},
        {'l', "length", "BITS", "OpenPGP key length (with --type; default 4096)",
         length_into(options.length)},
        {'s', "subtype", "TYPE", "OpenPGP encryption subkey type: RSA, ELG-E or ECDH",
         text_into(options.subtype)},
        {'L', "sublength", "BITS", "OpenPGP encryption subkey length (default 4096)",
         length_into(options.sublength)},
        {'e', "email", "ADDRESS", "Email address in the OpenPGP key", may_be_empty_into(options.email)},
        {'c', "comment", "TEXT", "Comment in the OpenPGP key", may_be_empty_into(options.comment)},
        {'x', "expire", "TIME", "When the key expires: 0 (never), 30, 6w, 12m, 2y or a date",
         [&options](std::string_view value) { return set_expiry(options, value); }},
        {'T', "tls-keytype", "TYPE", "TLS key type: ed25519 (default), ed448, ecdsa or rsa",
         text_into(options.tls_key_type)},
        {'f', "force", nullptr, "Replace keys that are there; they are kept as numbered backups",
         value_into(options.force, true)},
        {'p', "password", nullptr, "Ask for a password, and print the section for clients.conf",
         mode_into(options, Mode::PrintSection)},
        {'F', "passfile", "FILE",
         "The same with the content of FILE (-: standard input); with --test: what must come back",
         text_into(options.password_file)},
        {'S', "no-ssh", nullptr, "Do not look for an SSH host key for the checker",
         value_into(options.ssh, false)},
        {0, "test", nullptr, "Fetch the password from a server, and say whether it is the right one",
         mode_into(options, Mode::Prove)},
        {0, "connect", "ADDRESS:PORT", "For --test: the server to ask; may be given several times",
         [&options](std::string_view value) { return add_server(options, value); }},
        {0, "device", "DEV|FILE", "For --test: the LUKS volume that the password must open",
         text_into(options.device)},
        {0, "priority", "STRING", "For --test: GnuTLS priority string", text_into(options.priority)},
        {0, "patience", "SECONDS", "For --test: how long to try (default 30)",
         [&options](std::string_view value) { return set_patience(options, value); }},
        {'v', "version", nullptr, "Show the version and exit", mode_into(options, Mode::Version)},
        {'h', "help", nullptr, "Show this text and exit", mode_into(options, Mode::Help)},
    };
}

std::string existing_key_directory() {
    struct stat status{};
    const bool has_new = stat("/etc/keys/mandos", &status) == 0 && S_ISDIR(status.st_mode);
    return has_new ? "/etc/keys/mandos" : "/etc/mandos/keys";
}

Result<void> check_combination(const Options& options) {
    if (options.mode == Mode::Help || options.mode == Mode::Version)
        return {};
    if (options.mode != Mode::Prove && (!options.servers.empty() || options.device))
        return fail(ErrorKind::Invalid, "--connect and --device go with --test");
    if (options.mode != Mode::Prove)
        return {};
    if (options.servers.empty())
        return fail(ErrorKind::Invalid,
                    "--test needs --connect=ADDRESS:PORT: this version does not look for servers "
                    "itself");
    if (options.device && options.password_file)
        return fail(ErrorKind::Invalid, "--test takes --device or --passfile, not both");
    return {};
}

} // namespace

Result<Options> read_options(int argc, char** argv) {
    Options options;
    const std::vector<Option> rows = table(options);
    MANDOS_TRY(parse_command_line(rows, argc, argv));
    if (options.mode == Mode::CreateKeys && options.password_file)
        options.mode = Mode::PrintSection;
    MANDOS_TRY(check_combination(options));
    if (options.directory.empty())
        options.directory = existing_key_directory();
    if (options.name.empty()) {
        options.name = MANDOS_TRY(host_name());
        MANDOS_TRY_IN("this machine's name cannot be the client's, so give --name",
                      wire::check_client_name(options.name));
    }
    return options;
}

std::string help_text() {
    Options unused;
    return fmt::format(
        "usage: mandos-keygen [OPTION...]                     make keys\n"
        "       mandos-keygen [OPTION...] --password         print a section for clients.conf\n"
        "       mandos-keygen [OPTION...] --passfile=FILE    the same\n"
        "       mandos-keygen [OPTION...] --test --connect=ADDRESS:PORT [--device=DEV | --passfile=FILE]\n"
        "                                                    prove that the password comes back\n\n{}",
        describe_options(table(unused)));
}

} // namespace mandos::keygen
