#include "programs/mandos/client_properties.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/actions.h"
#include "core/client.h"
#include "core/events.h"
#include "core/life.h"
#include "core/limits.h"
#include "core/time.h"
#include "programs/mandos/bus_values.h"
#include "programs/mandos/client_acts.h"
#include "programs/mandos/client_object.h"

namespace mandos::server {

namespace {

using bus::Changes;
using bus::IncomingCall;
using bus::Standing;
using bus::Value;

// Acts that are properties
// --------------------------------------------------------------------------------------------------

void set_enabled(ClientObject& object, std::string_view name, const Value& value, IncomingCall call) {
    const Result<bool> truth = read_truth(name, value);
    if (!truth)
        call.refuse(truth.error());
    else if (*truth)
        act<core::Enable>(object, {}, std::move(call));
    else
        act<core::Disable>(object, {}, std::move(call));
}

void set_checker_running(ClientObject& object, std::string_view name, const Value& value, IncomingCall call) {
    const Result<bool> truth = read_truth(name, value);
    if (!truth)
        call.refuse(truth.error());
    else if (*truth)
        act_unnamed<core::BeginCheck>(object, {}, std::move(call));
    else
        act_unnamed<core::CancelCheck>(object, {}, std::move(call));
}

// Whatever text it is: it is well now.
void set_last_checked_ok(ClientObject& object, std::string_view name, const Value& value, IncomingCall call) {
    const Result<std::string> text = read_text(name, value);
    if (!text)
        call.refuse(text.error());
    else
        act<core::MarkAlive>(object, {}, std::move(call));
}

// Settings
// ----------------------------------------------------------------------------------------------------

Result<core::Secret> read_secret(std::string_view property, const Value& value) {
    const auto* const bytes = value.get_if<Bytes>();
    if (bytes == nullptr)
        return fail(ErrorKind::Invalid, "{} is an array of bytes, and got a value of the D-Bus type \"{}\"",
                    property, natural_signature(value));
    if (bytes->empty() || bytes->size() > core::limits::secret)
        return fail(ErrorKind::Invalid, "{} has {} bytes, and 1 to {} are taken", property, bytes->size(),
                    core::limits::secret);
    return core::make_secret(*bytes);
}

// Changes the setting that Member is to what Read makes of the value.
template <auto Member, auto Read>
void set(ClientObject& object, std::string_view name, const Value& value, IncomingCall call) {
    auto wanted = Read(name, value);
    if (!wanted) {
        call.refuse(wanted.error());
        return;
    }
    core::SettingsChange change;
    change.*Member = std::move(*wanted);
    core::Event event =
        core::Change{.client = object.client.id, .change = std::move(change), .actor = call.actor()};
    object.desk.act(std::move(event), std::move(call));
}

template <Duration core::ClientSettings::* Member>
Value get_duration(const ClientObject& object) {
    return milliseconds_of(object.client.settings.*Member);
}

template <std::string core::ClientSettings::* Member>
Value get_text(const ClientObject& object) {
    return bus::sendable(object.client.settings.*Member);
}

// What else there is to read
// ----------------------------------------------------------------------------------

template <std::optional<core::WallTime> core::Life::* Member>
Value get_time(const ClientObject& object) {
    return time_text(object.client.life.*Member);
}

Value get_approval_pending(const ClientObject& object) {
    return object.client.waiting > 0;
}
Value get_approved_by_default(const ClientObject& object) {
    return object.client.settings.approved_by_default;
}
Value get_checker_running(const ClientObject& object) {
    return object.client.check.has_value();
}
Value get_enabled(const ClientObject& object) {
    return object.client.life.enabled;
}
Value get_expires(const ClientObject& object) {
    return object.client.life.enabled ? time_text(object.client.life.expires.wall) : std::string();
}
Value get_key_id(const ClientObject& object) {
    const auto& key_id = object.client.settings.key_id;
    return key_id ? key_id->text() : std::string();
}
Value get_last_checker_status(const ClientObject& object) {
    return static_cast<std::int16_t>(object.client.life.last_checker_status);
}
Value get_object_path(const ClientObject& object) {
    return bus::ObjectPath{object.path};
}

using Settings = core::ClientSettings;
using Change = core::SettingsChange;
using core::Life;

} // namespace

// KeyID and Fingerprint change when the configuration that is read anew says so.
ClientProperties client_properties() {
    // clang-format off: one line for each
    return {
        {{"ApprovalDelay", "t"}, get_duration<&Settings::approval_delay>, set<&Change::approval_delay, read_duration>},
        {{"ApprovalDuration", "t"}, get_duration<&Settings::approval_duration>, set<&Change::approval_duration, read_duration>},
        {{"ApprovalPending", "b"}, get_approval_pending},
        {{"ApprovedByDefault", "b"}, get_approved_by_default, set<&Change::approved_by_default, read_truth>},
        {{"Checker", "s"}, get_text<&Settings::checker>, set<&Change::checker, read_text>},
        {{"CheckerRunning", "b"}, get_checker_running, set_checker_running},
        {{"Created", "s", Changes::Constant}, get_time<&Life::created>},
        {{"Enabled", "b"}, get_enabled, set_enabled},
        {{"Expires", "s"}, get_expires},
        {{"ExtendedTimeout", "t"}, get_duration<&Settings::extended_timeout>, set<&Change::extended_timeout, read_duration>},
        {{"Fingerprint", "s"}, get_text<&Settings::fingerprint>},
        {{"Host", "s"}, get_text<&Settings::host>, set<&Change::host, read_text>},
        {{"Interval", "t"}, get_duration<&Settings::interval>, set<&Change::interval, read_duration>},
        {{"KeyID", "s"}, get_key_id},
        {{"LastApprovalRequest", "s"}, get_time<&Life::last_approval_request>},
        {{"LastCheckedOK", "s"}, get_time<&Life::last_checked_ok>, set_last_checked_ok},
        {{"LastCheckerStatus", "n"}, get_last_checker_status},
        {{"LastEnabled", "s"}, get_time<&Life::last_enabled>},
        {{"Name", "s", Changes::Constant}, get_text<&Settings::name>},
        {{"ObjectPath", "o", Changes::Constant, Standing::Deprecated}, get_object_path},
        {{"Secret", "ay", Changes::Invalidated}, nullptr, set<&Change::secret, read_secret>},
        {{"Timeout", "t"}, get_duration<&Settings::timeout>, set<&Change::timeout, read_duration>},
    };
    // clang-format on
}

std::string_view bus_name(core::Property property) {
    switch (property) {
    case core::Property::ApprovalDelay:
        return "ApprovalDelay";
    case core::Property::ApprovalDuration:
        return "ApprovalDuration";
    case core::Property::ApprovalPending:
        return "ApprovalPending";
    case core::Property::ApprovedByDefault:
        return "ApprovedByDefault";
    case core::Property::Checker:
        return "Checker";
    case core::Property::CheckerRunning:
        return "CheckerRunning";
    case core::Property::Enabled:
        return "Enabled";
    case core::Property::Expires:
        return "Expires";
    case core::Property::ExtendedTimeout:
        return "ExtendedTimeout";
    case core::Property::Fingerprint:
        return "Fingerprint";
    case core::Property::Host:
        return "Host";
    case core::Property::Interval:
        return "Interval";
    case core::Property::KeyId:
        return "KeyID";
    case core::Property::LastApprovalRequest:
        return "LastApprovalRequest";
    case core::Property::LastCheckedOk:
        return "LastCheckedOK";
    case core::Property::LastCheckerStatus:
        return "LastCheckerStatus";
    case core::Property::LastEnabled:
        return "LastEnabled";
    case core::Property::SecretMessage:
        return "Secret";
    case core::Property::Timeout:
        return "Timeout";
    }
    return "";
}

} // namespace mandos::server
