// What mandos-client and `mandos-keygen --test` share: ask Mandos servers for the password, all at once,
// until one gives an answer that this client can decrypt. One thread; names are looked up and answers
// decrypted in child processes; every step bounded.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/tls/tls.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/server_address.h"

namespace mandos::fetch {

class Source; // programs/fetch/source.h

enum class Detail { Failures, EachStep };

struct Settings {
    std::vector<core::ServerAddress> servers; // at least one, or else a source
    Source* source = nullptr;                 // finds more while it runs; nothing: they are all there is
    std::string interface;                    // for link-local addresses that come without one; empty: none
    std::string priority = tls::default_priority;
    tls::KeyPair tls_keys;
    SecretBytes openpgp_secret_key;            // armoured, no passphrase
    Duration retry = std::chrono::seconds(10); // between two tries of one server, the limit of the back-off
    std::optional<Duration> give_up_after;     // nothing: tries for ever, as at boot
    Detail detail = Detail::Failures;          // what is reported
};

// A signal (SIGTERM, SIGINT, SIGHUP) ended the search; everything is closed and given back.
struct Interrupted {
    int signal = 0;
};

using Outcome = std::variant<SecretBytes, Interrupted>;

// Called with one line for people about each try that failed and what comes next (the same failure of the
// same server once a minute), and about each step where that is asked for. Never has a secret in it.
using Report = std::move_only_function<void(std::string_view line)>;

// Runs until a password is there. Errors: the settings cannot be used (a key, the priority string), or
// TimedOut after give_up_after, with what the servers' last tries failed of.
Result<Outcome> fetch_password(const Settings& settings, Report report);

} // namespace mandos::fetch
