#include "core/server.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/duration.h"
#include "core/clients.h"
#include "core/time.h"

namespace mandos::core {

Actions Server::handle(const Event& event, Time now) {
    return std::visit([this, now](const auto& what) { return on(what, now); }, event);
}

std::optional<Time> Server::next_deadline() const {
    if (approvals_.empty())
        return std::nullopt;
    return approvals_.begin()->first;
}

Action Server::refuse(const Waiting& asked, Refusal reason, const Client* client) {
    return Refuse{.connection = asked.connection,
                  .reason = reason,
                  .key_id = asked.key_id,
                  .client = client == nullptr ? std::string() : client->settings.name};
}

Actions Server::on(const SecretAsked& asked, Time now) {
    const Waiting waiting{.connection = asked.connection, .key_id = asked.key_id};
    const Clients::Found found = clients_.find(asked.key_id);
    switch (found.result) {
    case Clients::Lookup::Unknown:
        return {refuse(waiting, Refusal::UnknownKey)};
    case Clients::Lookup::Shared:
        return {refuse(waiting, Refusal::SharedKey)};
    case Clients::Lookup::Found:
        break;
    }
    const Client& client = *found.client;
    if (!client.settings.enabled)
        return {refuse(waiting, Refusal::Disabled, &client)};
    if (client.secret->empty())
        return {refuse(waiting, Refusal::NoSecret, &client)};
    if (client.settings.approval_delay <= Duration::zero())
        return {
            Release{.connection = asked.connection, .client = client.settings.name, .secret = client.secret}};
    approvals_.emplace(now + client.settings.approval_delay, waiting);
    return {AwaitApproval{.connection = asked.connection,
                          .client = client.settings.name,
                          .delay = client.settings.approval_delay,
                          .approved_by_default = client.settings.approved_by_default}};
}

Actions Server::on(const ConnectionGone& gone, Time /*now*/) {
    std::erase_if(approvals_,
                  [&gone](const auto& entry) { return entry.second.connection == gone.connection; });
    return {};
}

Actions Server::on(const TimePassed& /*passed*/, Time now) {
    Actions actions;
    while (!approvals_.empty() && approvals_.begin()->first <= now) {
        const Waiting waiting = approvals_.begin()->second;
        approvals_.erase(approvals_.begin());
        const Clients::Found found = clients_.find(waiting.key_id);
        check(found.result == Clients::Lookup::Found, "who waits for approval is a client");
        const Client& client = *found.client;
        if (client.settings.approved_by_default)
            actions.emplace_back(Release{
                .connection = waiting.connection, .client = client.settings.name, .secret = client.secret});
        else
            actions.push_back(refuse(waiting, Refusal::ApprovalTimedOut, &client));
    }
    return actions;
}

} // namespace mandos::core
