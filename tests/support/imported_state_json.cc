#include "tests/support/imported_state_json.h"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "wire/clients_pickle.h"

namespace mandos::test {

using nlohmann::json;
using wire::ImportedClient;
using wire::ImportedSettings;
using wire::ImportedTime;
using wire::ImportedValues;

namespace {

json time_json(const std::optional<ImportedTime>& time) {
    return time ? json(time->time_since_epoch().count()) : json();
}

json values_json(const std::string& name, const ImportedValues& values) {
    return {{"name", name},
            {"key_id", values.key_id ? json(values.key_id->text()) : json()},
            {"fingerprint", values.fingerprint},
            {"host", values.host},
            {"checker_command", values.checker_command},
            {"enabled", values.enabled},
            {"approved_by_default", values.approved_by_default},
            {"timeout", values.timeout.count()},
            {"extended_timeout", values.extended_timeout.count()},
            {"interval", values.interval.count()},
            {"approval_delay", values.approval_delay.count()},
            {"approval_duration", values.approval_duration.count()}};
}

} // namespace

json to_json(const wire::ImportedState& state) {
    json clients = json::array();
    for (const ImportedClient& client : state.clients) {
        json fields = values_json(client.name, client.values);
        fields["created"] = time_json(client.created);
        fields["last_enabled"] = time_json(client.last_enabled);
        fields["expires"] = time_json(client.expires);
        fields["last_checked_ok"] = time_json(client.last_checked_ok);
        fields["last_approval_request"] = time_json(client.last_approval_request);
        fields["last_checker_status"] =
            client.last_checker_status ? json(*client.last_checker_status) : json();
        fields["encrypted_secret"] = to_hex(client.encrypted_secret);
        clients.push_back(fields);
    }
    json settings = json::array();
    for (const ImportedSettings& item : state.settings) {
        json fields = values_json(item.name, item.values);
        fields["removed"] = item.removed;
        settings.push_back(fields);
    }
    return {{"clients", clients}, {"settings", settings}};
}

} // namespace mandos::test
