#include "programs/mandos-ctl/audit_entries.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/quote.h"

namespace mandos::ctl {

namespace {

template <class T>
T take(const bus::Array& record, std::size_t place) {
    const T* value = record.at(place).get_if<T>();
    return value == nullptr ? T() : *value;
}

struct Words {
    std::string_view event;
    std::string_view words;
};

// What events with a client are called; the peer comes behind these, the cause behind a colon.
constexpr std::array<Words, 13> words_of_events{{{"secret-released", "its secret was released to"},
                                                 {"secret-delivered", "its secret was sent to"},
                                                 {"secret-not-delivered", "its secret did not get to"},
                                                 {"refused", "it was refused its secret at"},
                                                 {"expired", "it was disabled by the server"},
                                                 {"disabled", "it was disabled"},
                                                 {"enabled", "it was enabled"},
                                                 {"approved", "it was approved"},
                                                 {"denied", "it was denied"},
                                                 {"marked-alive", "it was declared alive"},
                                                 {"settings-changed", "its settings were changed"},
                                                 {"client-added", "it was added"},
                                                 {"client-removed", "it was removed"}}};

} // namespace

Result<std::vector<AuditEntry>> read_entries(const std::vector<bus::Value>& answer) {
    constexpr std::size_t members = 8;
    const auto* records = answer.size() == 1 ? answer.front().get_if<bus::Array>() : nullptr;
    if (records == nullptr)
        return fail(ErrorKind::Invalid, "the server's answer is no list of records");
    std::vector<AuditEntry> entries;
    for (const bus::Value& one : *records) {
        const auto* record = one.get_if<bus::Array>();
        if (record == nullptr || record->size() != members)
            return fail(ErrorKind::Invalid, "the server's answer has something in it that is no record");
        entries.push_back({.number = take<std::uint64_t>(*record, 0),
                           .time = UtcTime(std::chrono::microseconds(take<std::int64_t>(*record, 1))),
                           .event = take<std::string>(*record, 2),
                           .client = take<std::string>(*record, 3),
                           .peer = take<std::string>(*record, 4),
                           .cause = take<std::string>(*record, 5),
                           .actor = take<std::string>(*record, 6),
                           .left_out = take<std::uint64_t>(*record, 7)});
    }
    return entries;
}

nlohmann::ordered_json as_json(const AuditEntry& entry) {
    return {{"Number", entry.number}, {"Time", write_utc(entry.time)},
            {"Event", entry.event},   {"Client", entry.client},
            {"Peer", entry.peer},     {"Cause", entry.cause},
            {"Actor", entry.actor},   {"LeftOut", entry.left_out}};
}

std::string write_utc(UtcTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string in_words(const AuditEntry& entry) {
    const auto* const known = std::ranges::find(words_of_events, entry.event, &Words::event);
    std::string line(known == words_of_events.end() ? entry.event : known->words);
    if (!entry.peer.empty())
        line += " " + entry.peer;
    if (!entry.cause.empty())
        line += ": " + entry.cause;
    if (!entry.actor.empty())
        line += ", by " + entry.actor;
    if (entry.left_out != 0)
        line += fmt::format(" ({} more like it were left out since the last one)", entry.left_out);
    return printable(line);
}

} // namespace mandos::ctl
