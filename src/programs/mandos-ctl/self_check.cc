#include "programs/mandos-ctl/self_check.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/bus/value.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/say.h"
#include "programs/mandos-ctl/client.h"
#include "programs/mandos-ctl/json.h"
#include "programs/mandos-ctl/table.h"

namespace mandos::ctl {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, std::chrono::milliseconds>, 3> times{{
    {"PT5M", 5min},
    {"P1DT2H0M30S", 26h + 30s},
    {"5m 30s", 5min + 30s},
}};

Result<void> check_times() {
    for (const auto& [text, expected] : times)
        if (const Duration read = MANDOS_TRY(parse_duration(text)); read != expected)
            return fail(ErrorKind::Invalid, "self-test: {} is read as {}", quoted(text), write_time(read));
    return {};
}

Client known_client() {
    Client client{.name = "known", .path = {"/clients/known"}, .properties = {}};
    for (const Field& field : all_fields())
        client.properties.emplace_back(field.property, field.look == Look::Time
                                                           ? bus::Value(std::uint64_t{90'061'000})
                                                           : bus::Value("\xC3\xA9"));
    return client;
}

Result<void> check_table(std::span<const Client> clients) {
    constexpr std::string_view expected =
        "Name Enabled Timeout    Last Successful Check\n"
        "\xC3\xA9    \xC3\xA9       1T01:01:01 \xC3\xA9                    \n";
    const std::string table = MANDOS_TRY(write_table(clients, few_fields(), Colours::None));
    if (table != expected)
        return fail(ErrorKind::Invalid, "self-test: the table is {}", quoted(table));
    return {};
}

Result<void> check_json(std::span<const Client> clients) {
    constexpr std::string_view expected = "{\n    \"known\": {\n        \"Name\": \"\\u00e9\",\n";
    const std::string json = MANDOS_TRY(write_json(clients));
    if (!json.starts_with(expected))
        return fail(ErrorKind::Invalid, "self-test: the JSON is {}", quoted(json));
    return {};
}

} // namespace

Result<void> self_check() {
    const std::array clients{known_client()};
    MANDOS_TRY(check_times());
    MANDOS_TRY(check_table(clients));
    MANDOS_TRY(check_json(clients));
    return tell("self-tests of times, table and JSON: all well\n");
}

} // namespace mandos::ctl
