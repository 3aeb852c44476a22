// CoreWorld: what comes by chance.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/duration.h"
#include "tests/support/core_driver.h"
#include "tests/support/core_world.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is tested
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string text_of(Time::duration time) {
    return format_duration(std::chrono::duration_cast<Duration>(time));
}

std::string describe(const ClientSettings& one) {
    return fmt::format(
        "configuration: {}, enabled = {}, key {}, timeout {}, extended {}, interval {}, approval "
        "delay {}, duration {}, default {}{}",
        one.name, one.enabled, one.key_id ? one.key_id->text().substr(0, 2) : "none", text_of(one.timeout),
        text_of(one.extended_timeout), text_of(one.interval), text_of(one.approval_delay),
        text_of(one.approval_duration), one.approved_by_default, one.has_secret() ? "" : ", no secret");
}

std::optional<ClientId> CoreWorld::some_client() {
    if (server_->clients().size() == 0)
        return std::nullopt;
    return std::next(server_->clients().begin(),
                     static_cast<std::ptrdiff_t>(below(server_->clients().size())))
        ->first;
}

KeyId CoreWorld::some_key(char own) {
    return key(one_in(10) ? digits[below(digits.size())] : own);
}

ClientSettings CoreWorld::some_settings(const std::string& name) {
    ClientSettings settings = client(name.front());
    settings.key_id = some_key(name.front());
    if (one_in(20))
        settings.key_id.reset();
    if (one_in(20))
        settings.key_id =
            KeyId::parse("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855").value();
    settings.secret = make_secret(to_bytes(fmt::format("{} {}", name, below(3))));
    if (one_in(15))
        settings.secret = one_in(2) ? nullptr : make_secret({});
    settings.host = fmt::format("{}.example", below(2));
    settings.timeout =
        one_of<Duration>({seconds(0), minutes(1), minutes(2), minutes(5), minutes(5), minutes(10)});
    settings.extended_timeout = one_of<Duration>({seconds(30), minutes(5), minutes(15), minutes(15)});
    settings.interval = one_of<Duration>({seconds(20), minutes(1), minutes(2), minutes(2), minutes(7)});
    if (one_in(40))
        settings.interval = seconds(0);
    settings.approval_delay =
        one_of<Duration>({seconds(0), seconds(0), seconds(10), minutes(1), minutes(10)});
    settings.approval_duration = one_of<Duration>({seconds(0), seconds(1), minutes(1), hours(1)});
    settings.approved_by_default = !one_in(3);
    settings.enabled = !one_in(5);
    return settings;
}

// What somebody writes into the configuration before it is read again.
void CoreWorld::edit_configuration() {
    for (std::size_t edits = below(4); edits > 0; --edits) {
        const char digit = digits[below(digits.size())];
        const auto one = std::ranges::find(configuration_, std::string(1, digit), &ClientSettings::name);
        if (one == configuration_.end()) {
            configuration_.push_back(some_settings(std::string(1, digit)));
            say(fmt::format("configuration: {} is added, enabled = {}", digit,
                            configuration_.back().enabled));
            continue;
        }
        const ClientSettings anew = some_settings(one->name);
        switch (below(8)) {
        case 0:
            say(fmt::format("configuration: {} is removed", digit));
            configuration_.erase(one);
            break;
        case 1:
        case 2:
            one->enabled = !one->enabled;
            say(fmt::format("configuration: {} has enabled = {}", digit, one->enabled));
            break;
        case 3:
        case 4:
            one->timeout = anew.timeout;
            one->interval = anew.interval;
            say(fmt::format("configuration: {} has a timeout of {}", digit, text_of(one->timeout)));
            break;
        case 5:
            one->key_id = anew.key_id;
            say(fmt::format("configuration: {} has key {}", digit,
                            one->key_id ? one->key_id->text().substr(0, 4) : "none"));
            break;
        default:
            *one = anew;
            say(describe(anew));
        }
    }
}

WallTime::duration CoreWorld::some_jump() {
    const auto by = one_of<WallTime::duration>(
        {seconds(2), minutes(3), hours(1), hours(24 * 400), hours(24 * 365 * 45), hours(24 * 365 * 500)});
    return one_in(2) ? by : -by;
}

} // namespace mandos::support
