#include "programs/mandos-ctl/log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/command_line.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/say.h"
#include "programs/mandos-ctl/audit_entries.h"
#include "programs/mandos-ctl/connect.h"
#include "programs/mandos-ctl/messages.h"
#include "programs/mandos-ctl/server.h"
#include "programs/mandos-ctl/status.h"

namespace mandos::ctl {

namespace {

struct Asked {
    std::string client;     // empty: all
    std::int64_t since = 0; // microseconds since 1970; 0: all
    bool json = false;
    bool verify = false;
};

UtcTime now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::vector<Option> table(Asked& asked) {
    return {
        {0, "client", "CLIENT", "",
         [&asked](std::string_view value) -> Result<void> {
             asked.client = value;
             return {};
         }},
        {0, "since", "TIME", "",
         [&asked](std::string_view value) -> Result<void> {
             asked.since = MANDOS_TRY(parse_since(value, now())).time_since_epoch().count();
             return {};
         }},
        {0, "json", nullptr, "",
         [&asked](std::string_view) -> Result<void> {
             asked.json = true;
             return {};
         }},
        {0, "verify", nullptr, "",
         [&asked](std::string_view) -> Result<void> {
             asked.verify = true;
             return {};
         }},
    };
}

Result<Asked> read_options(int argc, char** argv) {
    Asked asked;
    MANDOS_TRY(parse_command_line(table(asked), argc, argv));
    if (asked.verify && (!asked.client.empty() || asked.since != 0))
        return fail(ErrorKind::Invalid,
                    "--verify reads the whole log, so it goes with neither --client nor --since");
    return asked;
}

std::string for_people(const AuditEntry& entry) {
    std::string line = fmt::format("{} {}", write_utc(entry.time), entry.event);
    if (!entry.client.empty())
        line += fmt::format(" {}", mandos::quoted(entry.client));
    if (!entry.peer.empty())
        line += fmt::format(" {}", entry.peer);
    if (!entry.cause.empty())
        line += fmt::format(": {}", entry.cause);
    if (!entry.actor.empty())
        line += fmt::format(", by {}", entry.actor);
    if (entry.left_out != 0)
        line += fmt::format(" ({} more like it were left out since the last one)", entry.left_out);
    return printable(line) + "\n";
}

// One object a line, whole by itself, so that a log of any length can be read as it comes.
std::string for_programs(const AuditEntry& entry) {
    return as_json(entry).dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<void> show(Server& server, const Asked& asked) {
    std::uint64_t after = 0;
    for (;;) {
        const auto answer = MANDOS_TRY(server.ask("GetLog", "sxtub",
                                                  {asked.client, asked.since, after, std::uint32_t{0}, false},
                                                  std::chrono::minutes(2)));
        const std::vector<AuditEntry> entries = MANDOS_TRY(read_entries(answer));
        if (entries.empty())
            return {};
        if (entries.back().number <= after)
            return fail(ErrorKind::Invalid, "the server answers with records that it was not asked for");
        std::string text;
        for (const AuditEntry& entry : entries)
            text += asked.json ? for_programs(entry) : for_people(entry);
        MANDOS_TRY(tell(text));
        after = entries.back().number;
    }
}

// True: it is as it was written.
Result<bool> verify(Server& server, const Asked& asked) {
    const auto answer = MANDOS_TRY(server.ask("VerifyLog", "", {}, std::chrono::minutes(10)));
    const bool* good = answer.size() == 3 ? answer[0].get_if<bool>() : nullptr;
    const auto* records = answer.size() == 3 ? answer[1].get_if<std::uint64_t>() : nullptr;
    const auto* why = answer.size() == 3 ? answer[2].get_if<std::string>() : nullptr;
    if (good == nullptr || records == nullptr || why == nullptr)
        return fail(ErrorKind::Invalid, "the server's answer is no verdict");
    if (asked.json) {
        const nlohmann::ordered_json json{{"Good", *good}, {"Records", *records}, {"Why", *why}};
        MANDOS_TRY(tell(json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n"));
    } else if (*good) {
        MANDOS_TRY(tell(fmt::format("all {} records are as they were written\n", *records)));
    } else {
        MANDOS_TRY(tell(fmt::format("{} records are as they were written, the next is not: {}\n", *records,
                                    printable(*why))));
    }
    return *good;
}

} // namespace

Result<UtcTime> parse_since(std::string_view text, UtcTime now) {
    if (!text.empty())
        if (const Result<Duration> ago = parse_duration(text); ago && *ago >= Duration::zero())
            return now - *ago;
    // "YYYY-MM-DD", and behind "T" or a blank "HH:MM" or "HH:MM:SS".
    constexpr std::array<std::size_t, 3> lengths{10, 16, 19};
    std::array<int, 6> parts{1970, 1, 1, 0, 0, 0};
    constexpr std::array<std::size_t, 6> places{0, 5, 8, 11, 14, 17};
    constexpr std::string_view shape = "####-##-##T##:##:##";
    bool fits = std::ranges::find(lengths, text.size()) != lengths.end();
    for (std::size_t i = 0; fits && i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        fits = shape[i] == '#' ? digit : text[i] == shape[i] || (shape[i] == 'T' && text[i] == ' ');
    }
    for (std::size_t i = 0; fits && i < parts.size() && places[i] < text.size(); ++i)
        parts[i] = parse_number<int>(text.substr(places[i], i == 0 ? 4 : 2)).value_or(-1);
    const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                           std::chrono::month(static_cast<unsigned>(parts[1])),
                                           std::chrono::day(static_cast<unsigned>(parts[2]))};
    if (!fits || !date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
        return fail(
            ErrorKind::Invalid,
            "{} is no time; expected how long ago (\"PT1H\", \"2d\"), or a UTC time like \"2026-11-24\" or "
            "\"2026-11-24T03:10\"",
            mandos::quoted(text));
    return UtcTime(std::chrono::sys_days(date)) + std::chrono::hours(parts[3])
           + std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
}

Status run_log(int argc, char** argv) {
    const Result<Asked> asked = read_options(argc, argv);
    if (!asked) {
        say(asked.error().text());
        return Usage;
    }
    std::optional<Server> server = open_server(Trace::Off);
    if (!server)
        return Failure;
    if (!asked->verify) {
        const Result<void> shown = show(*server, *asked);
        return shown ? Success : failed(shown.error());
    }
    const Result<bool> good = verify(*server, *asked);
    if (!good)
        return failed(good.error());
    return *good ? Success : Failure;
}

} // namespace mandos::ctl
