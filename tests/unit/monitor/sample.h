// What the tests of the monitor have in common: a time, and clients as a server tells of them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/screen/key.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

// 2026-11-24 12:00:00 UTC.
constexpr TimePoint noon{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + std::chrono::hours(12)};

// Enabled, checked, with half of its five minutes left at noon.
inline Client sample_client(const std::string& name) {
    Client client;
    client.path = "/clients/" + name;
    client.name = name;
    client.host = "host.example";
    client.enabled = true;
    client.last_checker_status = 0;
    client.timeout = std::chrono::minutes(5);
    client.extended_timeout = std::chrono::minutes(15);
    client.expires = noon + std::chrono::seconds(150);
    return client;
}

inline Client disabled(Client client) {
    client.enabled = false;
    client.expires.reset();
    return client;
}

enum class Default { Deny, Approve };

// Somebody has asked ten seconds before noon, and gets an answer after 30.
inline Client pending(Client client, Default otherwise = Default::Deny) {
    client.approval_pending = true;
    client.approved_by_default = otherwise == Default::Approve;
    client.approval_delay = std::chrono::seconds(30);
    client.last_approval_request = noon - std::chrono::seconds(10);
    return client;
}

inline std::optional<Action> press(Model& model, const screen::Key& key) {
    return model.input(key, noon);
}

inline void type(Model& model, std::string_view text) {
    for (const char c : text)
        (void)press(model, screen::plain(static_cast<char32_t>(c)));
}

} // namespace mandos::monitor
