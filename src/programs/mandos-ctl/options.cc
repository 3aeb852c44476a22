#include "programs/mandos-ctl/options.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "adapters/bus/value.h"
#include "base/command_line.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "programs/mandos-ctl/action.h"
#include "programs/mandos-ctl/rules.h"

namespace mandos::ctl {

namespace {

using Set = std::function<Result<void>(std::string_view)>;

Result<bus::Value> milliseconds(std::string_view text) {
    const Duration duration = MANDOS_TRY(parse_duration(text));
    // Nothing is zero in a configuration file; here it is a script's unset variable, and would disable the
    // client.
    if (text.find_first_not_of(" \t\n\r\v\f") == std::string_view::npos)
        return fail(ErrorKind::Invalid, "the time is empty; expected one like \"PT5M\" or \"5m\"");
    if (duration < Duration::zero())
        return fail(ErrorKind::Invalid, "{} is negative; expected a time like \"PT5M\" or \"5m\"",
                    quoted(text));
    return bus::Value(static_cast<std::uint64_t>(duration.count()));
}

Result<bus::Value> secret_from(std::string_view path) {
    SecretBytes bytes =
        path == "-" ? MANDOS_TRY_IN("standard input", read_all_secret(STDIN_FILENO, core::limits::secret))
                    : MANDOS_TRY(read_secret_file(std::string(path), core::limits::secret));
    if (bytes.empty())
        return fail(ErrorKind::Invalid, "{} is empty; expected an OpenPGP message, as mandos-keygen makes it",
                    path == "-" ? "standard input" : "file " + quoted(path));
    return bus::Value(bus::Secret(std::make_shared<const SecretBytes>(std::move(bytes))));
}

Result<bus::Value> text_from(std::string_view text) {
    if (!is_utf8(text))
        return fail(ErrorKind::Invalid, "{} is no UTF-8", quoted(text));
    return bus::Value(text);
}

// The rows of the table that add a step.
class Steps {
  public:
    explicit Steps(Request& request) : request_(request) {}

    Option act(char letter, const char* name, const char* help, Action action) const {
        return {letter, name, nullptr, help,
                [&request = request_, name, action = std::move(action)](std::string_view) -> Result<void> {
                    request.steps.push_back({.option = name, .action = action});
                    return {};
                }};
    }

    Option set(char letter, const char* name, const char* help, const char* property,
               bus::Value value) const {
        return act(letter, name, help, SetProperty{.property = property, .value = std::move(value)});
    }

    // The value is what READ makes of the option's argument.
    Option set_from(char letter, const char* name, const char* argument, const char* help,
                    const char* property, Result<bus::Value> (*read)(std::string_view)) const {
        return {letter, name, argument, help,
                [&request = request_, name, property, read](std::string_view text) -> Result<void> {
                    SetProperty action{.property = property, .value = MANDOS_TRY(read(text))};
                    request.steps.push_back({.option = name, .action = std::move(action)});
                    return {};
                }};
    }

  private:
    Request& request_;
};

Set flag_into(bool& target) {
    return [&target](std::string_view) -> Result<void> {
        target = true;
        return {};
    };
}

// What is asked for beside the steps. More than one is for the rules to judge.
struct Asked {
    bool verbose = false, json = false, check = false, version = false, help = false;
};

std::vector<Option> table(Request& request, Asked& asked) {
    const Steps steps(request);
    return {
        {'a', "all", nullptr, "Do it to all clients", flag_into(request.all)},
        {'v', "verbose", nullptr, "Show all fields of the table", flag_into(asked.verbose)},
        {'j', "dump-json", nullptr, "Show all fields as JSON", flag_into(asked.json)},
        steps.set('e', "enable", "Enable the client", "Enabled", true),
        steps.set('d', "disable", "Disable the client: it gets nothing", "Enabled", false),
        steps.set('b', "bump-timeout", "Take the client for checked and well, now", "LastCheckedOK", ""),
        steps.set(0, "start-checker", "Start a checker now", "CheckerRunning", true),
        steps.set(0, "stop-checker", "Stop the checker that is running", "CheckerRunning", false),
        steps.act('V', "is-enabled", "Exit with 0 if the client is enabled, with 1 if it is not",
                  IsEnabled{}),
        steps.act('r', "remove", "Remove the client, though clients.conf may have it", Remove{}),
        steps.set_from('c', "checker", "COMMAND", "Set the shell command that checks the client", "Checker",
                       text_from),
        steps.set_from('t', "timeout", "TIME", "Set how long after a good check the client is disabled",
                       "Timeout", milliseconds),
        steps.set_from(0, "extended-timeout", "TIME", "Set the timeout once after a secret was sent",
                       "ExtendedTimeout", milliseconds),
        steps.set_from('i', "interval", "TIME", "Set the time between two checks", "Interval", milliseconds),
        steps.set(0, "approve-by-default", "Approve the client's requests if nobody says otherwise",
                  "ApprovedByDefault", true),
        steps.set(0, "deny-by-default", "Deny the client's requests if nobody says otherwise",
                  "ApprovedByDefault", false),
        steps.set_from(0, "approval-delay", "TIME", "Set how long a request waits for somebody's decision",
                       "ApprovalDelay", milliseconds),
        steps.set_from(0, "approval-duration", "TIME", "Set how long an approval holds", "ApprovalDuration",
                       milliseconds),
        steps.set_from('H', "host", "STRING", "Set the host name or address for the checker", "Host",
                       text_from),
        steps.set_from('s', "secret", "FILE", "Set the encrypted password (-: standard input)", "Secret",
                       secret_from),
        steps.act('A', "approve", "Approve the request that is waiting", Approval::Approve),
        steps.act('D', "deny", "Deny the request that is waiting", Approval::Deny),
        {0, "debug", nullptr, "Show the D-Bus calls on standard error", flag_into(request.debug)},
        {0, "check", nullptr, "Run self-tests and exit", flag_into(asked.check)},
        {0, "version", nullptr, "Show the version and exit", flag_into(asked.version)},
        {'h', "help", nullptr, "Show this text and exit", flag_into(asked.help)},
    };
}

Mode mode_of(const Request& request, const Asked& asked) {
    if (asked.json)
        return Mode::Json;
    if (asked.verbose)
        return Mode::WholeTable;
    return request.steps.empty() ? Mode::Table : Mode::Act;
}

} // namespace

Result<Request> read_options(int argc, char** argv) {
    Request request;
    Asked asked;
    const std::vector<Option> rows = table(request, asked);
    request.names = MANDOS_TRY(parse_options_and_words(rows, argc, argv));
    if (asked.help || asked.version || asked.check) {
        request.mode = asked.help ? Mode::Help : asked.version ? Mode::Version : Mode::SelfCheck;
        return request;
    }
    if (asked.json && asked.verbose)
        return fail(ErrorKind::Invalid, "--dump-json and --verbose cannot be given together");
    request.mode = mode_of(request, asked);
    MANDOS_TRY(check_rules(request));
    deny_before_remove(request);
    return request;
}

std::string options_text() {
    Request unused;
    Asked asked;
    return describe_options(table(unused, asked));
}

} // namespace mandos::ctl
