// What is set of one client, by the configuration or by an administrator at run time, each value already of
// a type that cannot be wrong.
// Not here: how a client lives (whether it gets its secret now): that is life.h.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/duration.h"
#include "core/key_id.h"

namespace mandos::core {

// An OpenPGP message that only its client can read; nothing or an empty one: there is nothing to give. Shared
// with the connections that are just sending it, which no change may disturb.
using Secret = std::shared_ptr<const Bytes>;

inline Secret make_secret(Bytes message) {
    return std::make_shared<const Bytes>(std::move(message));
}

// The same bytes, or nothing to give in both.
bool same(const Secret& one, const Secret& other);

struct ClientSettings {
    std::string name;
    std::optional<KeyId> key_id; // a client without one never gets its secret
    std::string fingerprint;     // of the OpenPGP key: upper-case hexadecimal digits, or empty; only shown
    Secret secret;
    std::string host;
    std::string checker = "fping -q -- %(host)s"; // after the expansion at start; %(host)s is for each run
    Duration timeout = std::chrono::minutes(5);
    Duration extended_timeout = std::chrono::minutes(15);
    Duration interval = std::chrono::minutes(2);
    Duration approval_delay = std::chrono::seconds(0);
    Duration approval_duration = std::chrono::seconds(1);
    bool approved_by_default = true;
    bool enabled = true; // at the start of its life

    bool has_secret() const { return secret && !secret->empty(); }
};

// Settings that get a new value; the others stay.
struct SettingsChange {
    std::optional<std::string> host;
    std::optional<std::string> checker;
    std::optional<Duration> timeout;
    std::optional<Duration> extended_timeout;
    std::optional<Duration> interval;
    std::optional<Duration> approval_delay;
    std::optional<Duration> approval_duration;
    std::optional<bool> approved_by_default;
    Secret secret;
    // These change with the configuration alone.
    std::optional<std::optional<KeyId>> key_id;
    std::optional<std::string> fingerprint;
    std::optional<bool> enabled;

    bool operator==(const SettingsChange&) const = default;
};

// What the configuration says otherwise than it did before; nothing else of a client may change with it
// (a value that was changed at run time holds until its option in the configuration changes).
SettingsChange difference(const ClientSettings& before, const ClientSettings& now);

} // namespace mandos::core
