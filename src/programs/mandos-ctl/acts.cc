#include "programs/mandos-ctl/acts.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "adapters/bus/value.h"
#include "base/bytes.h"
#include "base/command_line.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/say.h"
#include "programs/mandos-ctl/audit_entries.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/connect.h"
#include "programs/mandos-ctl/messages.h"
#include "programs/mandos-ctl/server.h"
#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

namespace {

constexpr auto slow_limit = std::chrono::minutes(2); // to read the configuration of many thousand clients

// The words behind the subcommand, of which there may be from FEWEST to MOST; "--json" sets JSON where that
// is taken. Nothing: the user has been told what is wrong.
std::optional<std::vector<std::string>> words(int argc, char** argv, std::size_t fewest, std::size_t most,
                                              const char* expected, bool* json = nullptr) {
    std::vector<Option> options;
    if (json != nullptr)
        options.push_back({0, "json", nullptr, "", [json](std::string_view) -> Result<void> {
                               *json = true;
                               return {};
                           }});
    Result<std::vector<std::string>> found = parse_options_and_words(options, argc, argv);
    if (!found) {
        say(found.error().text());
        return std::nullopt;
    }
    if (found->size() < fewest || found->size() > most) {
        say(fmt::format("expected {} behind \"{}\"", expected, argv[0]));
        return std::nullopt;
    }
    return *std::move(found);
}

Status told(const std::string& text) {
    if (const Result<void> done = tell(text); !done) {
        say(done.error().text());
        return Failure;
    }
    return Success;
}

std::string text_of(const bus::Dictionary& dictionary, std::string_view key) {
    const bus::Value* value = find(dictionary, key);
    const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
    return text == nullptr ? std::string() : *text;
}

// Of the audit log, the newest last.
Result<std::vector<AuditEntry>> last_decisions(Server& server, const std::string& client) {
    constexpr std::uint32_t shown = 10;
    constexpr std::int64_t since_ever = 0;
    constexpr std::uint64_t after_none = 0;
    constexpr bool latest = true;
    const auto answer =
        MANDOS_TRY(server.ask("GetLog", "sxtub", {client, since_ever, after_none, shown, latest}));
    return read_entries(answer);
}

} // namespace

Status run_explain(int argc, char** argv) {
    bool json = false;
    const auto names = words(argc, argv, 1, 1, "the name of one client", &json);
    if (!names)
        return Usage;
    std::optional<Reached> reached = reach_server(Trace::Off);
    if (!reached)
        return Failure;
    const Result<std::vector<Client>> chosen = choose(std::move(reached->clients), *names);
    if (!chosen) {
        complain(chosen.error().text(), "mandos-ctl names lists them");
        return Failure;
    }
    const auto answer = reached->server.ask_client(chosen->front(), "Explain");
    if (!answer)
        return failed(answer.error());
    const auto* explained = answer->size() == 1 ? answer->front().get_if<bus::Dictionary>() : nullptr;
    if (explained == nullptr)
        return failed(Error(ErrorKind::Invalid, "the server's answer explains nothing"));
    const bus::Value* would = find(*explained, "WouldGet");
    const bool would_get = would != nullptr && would->get_if<bool>() != nullptr && *would->get_if<bool>();
    const std::string reason = text_of(*explained, "Reason");
    const std::string since = text_of(*explained, "Since");
    const std::string remedy = text_of(*explained, "Remedy");
    const auto decisions = last_decisions(reached->server, names->front());
    if (!decisions) // the rest is known all the same
        say("the audit log cannot be asked: " + decisions.error().text());
    if (json) {
        nlohmann::ordered_json all{{"Name", names->front()},
                                   {"WouldGet", would_get},
                                   {"Reason", reason},
                                   {"Since", since},
                                   {"Remedy", remedy}};
        if (decisions) {
            all["Decisions"] = nlohmann::ordered_json::array();
            for (const AuditEntry& entry : *decisions)
                all["Decisions"].push_back(as_json(entry));
        }
        return told(all.dump(4, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    }
    std::string text =
        fmt::format("client {} would {}get its secret now: {}\n", mandos::quoted(names->front()),
                    would_get ? "" : "not ", printable(reason));
    if (!since.empty())
        text += fmt::format("since {} UTC\n", printable(since));
    if (!remedy.empty())
        text += fmt::format("what would change that: {}\n", printable(remedy));
    if (decisions)
        text += decisions->empty() ? "nothing is recorded about it\n" : "what was decided lately, in UTC:\n";
    for (const AuditEntry& entry : decisions.value_or(std::vector<AuditEntry>()))
        text += fmt::format("  {}  {}\n", write_utc(entry.time), in_words(entry));
    return told(text);
}

Status run_reload(int argc, char** argv) {
    if (!words(argc, argv, 0, 0, "nothing"))
        return Usage;
    std::optional<Server> server = open_server(Trace::Off);
    if (!server)
        return Failure;
    const auto answer = server->ask("Reload", "", {}, slow_limit);
    if (!answer)
        return failed(answer.error());
    if (const auto* warnings = answer->size() == 1 ? answer->front().get_if<bus::Strings>() : nullptr)
        for (const std::string& warning : *warnings)
            say(printable(warning));
    return told("the configuration was read anew\n");
}

Status run_lockdown(int argc, char** argv) {
    const auto wanted = words(argc, argv, 0, 1, "on, off or nothing");
    if (!wanted)
        return Usage;
    const bool on = !wanted->empty() && wanted->front() == "on";
    if (!wanted->empty() && !on && wanted->front() != "off") {
        say(fmt::format("{}: expected on or off", mandos::quoted(wanted->front())));
        return Usage;
    }
    std::optional<Server> server = open_server(Trace::Off);
    if (!server)
        return Failure;
    if (!wanted->empty()) {
        const Result<void> set = server->set_lockdown(on);
        if (!set)
            return failed(set.error());
        return told(on ? "lockdown: nobody gets anything from now on\n" : "the lockdown is over\n");
    }
    const Result<bool> is_on = server->lockdown();
    if (!is_on)
        return failed(is_on.error());
    return told(*is_on ? "on\n" : "off\n");
}

Status run_add(int argc, char** argv) {
    const auto files = words(argc, argv, 0, 1, "one file, or nothing for standard input");
    if (!files)
        return Usage;
    constexpr std::size_t longest = std::size_t{4} << 20;
    const bool is_standard_input = files->empty() || files->front() == "-";
    const Result<Bytes> section =
        is_standard_input ? read_all(STDIN_FILENO, longest) : read_file(files->front(), longest);
    if (!section) {
        say(section.error().text());
        return Usage;
    }
    std::optional<Server> server = open_server(Trace::Off);
    if (!server)
        return Failure;
    const auto answer = server->ask("AddClient", "s", {std::string(as_text(*section))});
    if (!answer)
        return failed(answer.error());
    return told("the client was added; it stays over restarts\n");
}

} // namespace mandos::ctl
