#include "programs/mandos/explain.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "base/duration.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/life.h"
#include "core/server.h"
#include "core/time.h"
#include "programs/mandos/bus_values.h"

namespace mandos::server {

namespace {

using core::Client;

bool shares_its_key(const core::Server& server, const Client& client) {
    return std::ranges::any_of(server.clients(), [&client](const auto& entry) {
        return entry.second.id != client.id && entry.second.settings.key_id == client.settings.key_id;
    });
}

std::string shown_time(core::WallTime time) {
    return time_text(time).substr(0, std::string("2026-11-24T03:10:42").size()) + " UTC";
}

Explanation about_disabled(const Client& client) {
    const std::string name = quoted(client.settings.name);
    const core::Life& life = client.life;
    if (!life.last_enabled)
        return {.reason = "it was never enabled", .remedy = "mandos-ctl --enable " + name};
    const std::string seen = life.last_checked_ok ? fmt::format("; its last good check was at {}",
                                                                shown_time(*life.last_checked_ok))
                                                  : "; no check of it was ever good";
    return {.reason = "it is disabled, by an administrator or since nothing was heard of it in time" + seen,
            .remedy = fmt::format("see in the audit log which; when the machine is where it should be: "
                                  "mandos-ctl --enable {}",
                                  name)};
}

Explanation about_denied(const Client& client) {
    const core::Deadline ends = client.life.decision_ends;
    const Duration span = core::countable(client.settings.approval_duration);
    return {.reason = fmt::format("an administrator denied it; that holds until {}", shown_time(ends.wall)),
            .since = ends.wall - span,
            .remedy =
                fmt::format("wait until then, or mandos-ctl --approve {}", quoted(client.settings.name))};
}

Explanation about_objection(core::Refusal objection, const Client& client) {
    // Lockdown, Disabled, NoSecret and Denied are what Server::objection() has.
    if (objection == core::Refusal::Lockdown)
        return {.reason = "the server is in lockdown: nobody gets anything",
                .remedy = "end the lockdown when it is no longer needed"};
    if (objection == core::Refusal::Disabled)
        return about_disabled(client);
    if (objection == core::Refusal::NoSecret)
        return {.reason = "its secret is empty",
                .remedy =
                    fmt::format("give it one, made by mandos-keygen --password: mandos-ctl --secret FILE {}",
                                quoted(client.settings.name))};
    if (objection == core::Refusal::Denied)
        return about_denied(client);
    return {.reason = "it " + std::string(describe(objection))};
}

Explanation about_approval(const Client& client) {
    const std::string delay = format_duration(core::countable(client.settings.approval_delay));
    const std::string name = quoted(client.settings.name);
    const std::string asks = client.waiting > 0 ? "it asks now" : "when it asks";
    const auto since = client.waiting > 0 ? client.life.last_approval_request : std::nullopt;
    if (client.settings.approved_by_default)
        return {.would_get = true,
                .reason = fmt::format(
                    "it is enabled; {}, it gets its secret after {}, unless somebody denies it", asks, delay),
                .since = since,
                .remedy = fmt::format("not to wait: mandos-ctl --approve {}", name)};
    return {.reason = fmt::format("it needs approval; {}, somebody has to give it within {}", asks, delay),
            .since = since,
            .remedy = fmt::format("mandos-ctl --approve {}", name)};
}

} // namespace

Explanation explain(const core::Server& server, const Client& client) {
    if (!client.settings.key_id || client.settings.key_id->is_of_nothing())
        return {.reason = "it has no key ID, so nobody can prove to be it",
                .remedy = "set key_id in its section of clients.conf (mandos-keygen --password prints it)"};
    if (shares_its_key(server, client))
        return {.reason = "another client has the same key ID, which is then nobody's",
                .remedy = "give each client a key of its own in clients.conf"};
    if (const auto objection = server.objection(client))
        return about_objection(*objection, client);
    if (client.life.decision == core::Decision::Approve)
        return {.would_get = true,
                .reason = fmt::format("an administrator approved it; that holds until {}",
                                      shown_time(client.life.decision_ends.wall)),
                .since = client.life.decision_ends.wall - core::countable(client.settings.approval_duration)};
    if (client.settings.approval_delay > Duration::zero())
        return about_approval(client);
    return {.would_get = true,
            .reason = fmt::format("it is enabled until {}", shown_time(client.life.expires.wall)),
            .since = client.life.last_enabled};
}

} // namespace mandos::server
