#include "programs/mandos/check_runner.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "adapters/log/log.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/actions.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/life.h"
#include "loop/asio.h"
#include "programs/mandos/check_outcome.h"
#include "programs/mandos/checkers.h"
#include "programs/mandos/engine.h"
#include "wire/checker_command.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

namespace {

constexpr int cannot_be_run = 127 << 8; // as a shell's wait status says it

std::uint32_t number_of(core::ClientId client) {
    return static_cast<std::uint32_t>(client);
}

} // namespace

void CheckRunner::start(const core::StartCheck& start, const core::Client& client) {
    const std::string name = client.settings.name;
    CheckRequest request{
        .command = client.settings.checker,
        .host = client.settings.host,
        .attribute = [this, &client](std::string_view which) { return attribute(client, which); },
        .time_limit = start.limit};
    const core::ClientId id = start.client;
    const core::CheckId check = start.check;
    const Result<std::string> command =
        checkers_.start(number_of(id), std::move(request), [this, id, check, name](CheckOutcome outcome) {
            if (outcome.succeeded())
                log_.write(wire::LogLevel::Info, fmt::format("client {}: checked and alive", quoted(name)));
            else
                log_.write(wire::LogLevel::Info,
                           fmt::format("client {}: check failed: {}", quoted(name), outcome.reason));
            engine_.check_ended(id, check, outcome.wait_status, std::move(outcome.command));
        });
    if (command) {
        engine_.check_started(id, *command);
        return;
    }
    log_.write(wire::LogLevel::Warning,
               fmt::format("client {}: its checker cannot be run: {}", quoted(name), command.error().text()));
    engine_.check_started(id, client.settings.checker);
    // Behind everything else that comes of the start.
    io::post(strand_, [this, id, check, configured = client.settings.checker] {
        engine_.check_ended(id, check, cannot_be_run, configured);
    });
}

void CheckRunner::stop(core::ClientId client) {
    checkers_.stop(number_of(client));
}

// As Mandos 1.8 has them.
std::optional<std::string> CheckRunner::attribute(const core::Client& client, std::string_view name) const {
    using wire::attribute_text;
    const core::ClientSettings& settings = client.settings;
    const core::Life& life = client.life;
    if (name == "host")
        return settings.host;
    if (name == "name")
        return settings.name;
    if (name == "key_id")
        return settings.key_id ? settings.key_id->text() : "";
    if (name == "fingerprint")
        return settings.fingerprint;
    if (name == "timeout")
        return attribute_text(settings.timeout);
    if (name == "extended_timeout")
        return attribute_text(settings.extended_timeout);
    if (name == "interval")
        return attribute_text(settings.interval);
    if (name == "approval_delay")
        return attribute_text(settings.approval_delay);
    if (name == "approval_duration")
        return attribute_text(settings.approval_duration);
    if (name == "enabled")
        return wire::attribute_text_of_truth(life.enabled);
    if (name == "expires")
        return attribute_text(life.enabled ? std::optional(life.expires.wall) : std::nullopt);
    if (name == "created")
        return attribute_text(life.created);
    if (name == "last_enabled")
        return attribute_text(life.last_enabled);
    if (name == "last_checked_ok")
        return attribute_text(life.last_checked_ok);
    if (name == "last_approval_request")
        return attribute_text(life.last_approval_request);
    if (name == "dbus_object_path" && object_path_)
        return object_path_(client.id);
    return std::nullopt;
}

} // namespace mandos::server
