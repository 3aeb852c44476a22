// Implements facts.h.
#include "programs/mandos-monitor/facts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/bus/value.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

namespace {

void take(std::string& into, const bus::Value& value) {
    if (const auto* const text = value.get_if<std::string>())
        into = *text;
}

void take(bool& into, const bus::Value& value) {
    if (const auto* const truth = value.get_if<bool>())
        into = *truth;
}

void take(int& into, const bus::Value& value) {
    if (const auto* const number = value.get_if<std::int16_t>())
        into = *number;
}

// Milliseconds; what is longer than a century is taken for that.
void take(Span& into, const bus::Value& value) {
    constexpr std::uint64_t century = std::uint64_t{100} * 365 * 24 * 3600 * 1000;
    if (const auto* const number = value.get_if<std::uint64_t>())
        into = std::chrono::milliseconds(std::min(*number, century));
}

void take(std::optional<TimePoint>& into, const bus::Value& value) {
    if (const auto* const text = value.get_if<std::string>())
        into = parse_time(*text);
}

template <auto Member>
void take_member(Client& client, const bus::Value& value) {
    take(client.*Member, value);
}

struct Property {
    std::string_view name;
    void (*take)(Client& client, const bus::Value& value);
};

constexpr std::array<Property, 20> properties{{
    {"ApprovalDelay", take_member<&Client::approval_delay>},
    {"ApprovalDuration", take_member<&Client::approval_duration>},
    {"ApprovalPending", take_member<&Client::approval_pending>},
    {"ApprovedByDefault", take_member<&Client::approved_by_default>},
    {"Checker", take_member<&Client::checker>},
    {"CheckerRunning", take_member<&Client::checker_running>},
    {"Created", take_member<&Client::created>},
    {"Enabled", take_member<&Client::enabled>},
    {"Expires", take_member<&Client::expires>},
    {"ExtendedTimeout", take_member<&Client::extended_timeout>},
    {"Fingerprint", take_member<&Client::fingerprint>},
    {"Host", take_member<&Client::host>},
    {"Interval", take_member<&Client::interval>},
    {"KeyID", take_member<&Client::key_id>},
    {"LastApprovalRequest", take_member<&Client::last_approval_request>},
    {"LastCheckedOK", take_member<&Client::last_checked_ok>},
    {"LastCheckerStatus", take_member<&Client::last_checker_status>},
    {"LastEnabled", take_member<&Client::last_enabled>},
    {"Name", take_member<&Client::name>},
    {"Timeout", take_member<&Client::timeout>},
}};

} // namespace

Client client_at(std::string path) {
    Client client;
    client.name = path.substr(path.find_last_of('/') + 1);
    client.path = std::move(path);
    return client;
}

void take_properties(Client& client, const bus::Dictionary& told) {
    for (const auto& [name, value] : told) {
        const auto found = std::ranges::find(properties, name, &Property::name);
        if (found != properties.end())
            found->take(client, value);
    }
}

} // namespace mandos::monitor
