#include "adapters/store/rows.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/store/sqlite.h"
#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/client.h"
#include "core/key_id.h"
#include "core/life.h"
#include "core/stored.h"
#include "core/time.h"

namespace mandos::store {

namespace {

constexpr std::string_view configured_layer = "configured";
constexpr std::string_view in_force_layer = "in force";
constexpr std::string_view runtime_origin = "runtime";
constexpr std::string_view configuration_origin = "configuration";
constexpr std::string_view extended_allowance = "extended timeout";
constexpr std::string_view timeout_allowance = "timeout";
constexpr std::string_view approve_decision = "approve";
constexpr std::string_view deny_decision = "deny";

std::int64_t in_file(Duration duration) {
    return duration.count();
}

std::int64_t in_file(core::Time time) {
    return time.time_since_epoch().count();
}

core::Time boot_time(std::int64_t nanoseconds) {
    return core::Time(core::Time::duration(nanoseconds));
}

void bind_deadline(Statement& statement, const core::Deadline& deadline, bool is_there) {
    if (is_there)
        statement.bind(deadline.wall).bind(in_file(deadline.boot));
    else
        statement.bind_null().bind_null();
}

core::Deadline read_deadline(Statement& row) {
    const core::WallTime wall = row.time();
    return {.boot = boot_time(row.integer()), .wall = wall};
}

} // namespace

Result<void> write_settings(Statement& statement, Layer layer, core::Origin origin,
                            const core::ClientSettings& settings) {
    statement.bind(std::string_view(settings.name))
        .bind(layer == Layer::Configured ? configured_layer : in_force_layer)
        .bind(origin == core::Origin::Runtime ? runtime_origin : configuration_origin);
    if (settings.key_id)
        statement.bind(ByteView(settings.key_id->digest()));
    else
        statement.bind_null();
    statement.bind(std::string_view(settings.fingerprint))
        .bind(settings.secret ? ByteView(*settings.secret) : ByteView())
        .bind(std::string_view(settings.host))
        .bind(std::string_view(settings.checker))
        .bind(in_file(settings.timeout))
        .bind(in_file(settings.extended_timeout))
        .bind(in_file(settings.interval))
        .bind(in_file(settings.approval_delay))
        .bind(in_file(settings.approval_duration))
        .bind(std::int64_t{settings.approved_by_default})
        .bind(std::int64_t{settings.enabled});
    return statement.run();
}

Result<SettingsRow> read_settings(Statement& row) {
    SettingsRow read;
    core::ClientSettings& settings = read.settings;
    settings.name = row.text();
    read.layer = row.text() == configured_layer ? Layer::Configured : Layer::InForce;
    read.origin = row.text() == runtime_origin ? core::Origin::Runtime : core::Origin::Configuration;
    if (row.is_null()) {
        row.skip();
    } else {
        const Bytes key_id = row.blob();
        core::KeyId::Digest digest{};
        if (key_id.size() != digest.size())
            return fail(ErrorKind::Invalid, "settings of client {}: key_id has {} bytes; expected {}",
                        quoted(settings.name), key_id.size(), digest.size());
        std::ranges::copy(key_id, digest.begin());
        settings.key_id = core::KeyId(digest);
    }
    settings.fingerprint = row.text();
    settings.secret = core::make_secret(row.blob());
    settings.host = row.text();
    settings.checker = row.text();
    for (Duration* duration : {&settings.timeout, &settings.extended_timeout, &settings.interval,
                               &settings.approval_delay, &settings.approval_duration})
        *duration = Duration(row.integer());
    settings.approved_by_default = row.integer() != 0;
    settings.enabled = row.integer() != 0;
    return read;
}

Result<void> write_life(Statement& statement, const std::string& client, const core::Life& life,
                        core::Now saved) {
    statement.bind(std::string_view(client))
        .bind(std::int64_t{life.enabled})
        .bind(life.allowance == core::Allowance::Extended ? extended_allowance : timeout_allowance);
    bind_deadline(statement, life.expires, life.enabled);
    if (life.decision)
        statement.bind(*life.decision == core::Decision::Approve ? approve_decision : deny_decision);
    else
        statement.bind_null();
    bind_deadline(statement, life.decision_ends, life.decision.has_value());
    statement.bind(life.created)
        .bind(life.last_enabled)
        .bind(life.last_checked_ok)
        .bind(life.last_approval_request)
        .bind(std::int64_t{life.last_checker_status})
        .bind(saved.wall)
        .bind(in_file(saved.boot));
    return statement.run();
}

Result<LifeRow> read_life(Statement& row) {
    LifeRow read;
    core::Life& life = read.life;
    read.client = row.text();
    life.enabled = row.integer() != 0;
    life.allowance = row.text() == extended_allowance ? core::Allowance::Extended : core::Allowance::Timeout;
    if (life.enabled && row.is_null())
        return fail(ErrorKind::Invalid, "life of client {}: it is enabled and has no expires_wall",
                    quoted(read.client));
    life.expires = read_deadline(row);
    const std::string decision = row.text();
    if (decision == approve_decision)
        life.decision = core::Decision::Approve;
    else if (decision == deny_decision)
        life.decision = core::Decision::Deny;
    life.decision_ends = read_deadline(row);
    life.created = row.optional_time();
    life.last_enabled = row.optional_time();
    life.last_checked_ok = row.optional_time();
    life.last_approval_request = row.optional_time();
    const std::int64_t status = row.integer();
    if (!std::in_range<int>(status))
        return fail(ErrorKind::Invalid, "life of client {}: {} is no last_checker_status",
                    quoted(read.client), status);
    life.last_checker_status = static_cast<int>(status);
    read.saved.wall = row.time();
    read.saved.boot = boot_time(row.integer());
    return read;
}

} // namespace mandos::store
