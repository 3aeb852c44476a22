// CoreWorld: what happens in it. What has to hold then is in core_world_checks.cc.
#include "tests/support/core_world.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/duration.h"
#include "tests/support/core_driver.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is tested
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

CoreWorld::CoreWorld(std::uint32_t seed) : random_(seed), now_(noon) {
    for (const char digit : digits.substr(0, 2 + below(digits.size() - 1)))
        configuration_.push_back(some_settings(std::string(1, digit)));
    begin(false, now_.boot);
}

void CoreWorld::expect(bool holds, const std::string& otherwise) {
    if (!holds && !failure_)
        failure_ = otherwise;
}

void CoreWorld::tell(std::vector<std::string>& story) {
    story_ = &story;
    for (const ClientSettings& one : configuration_)
        say(describe(one));
}

void CoreWorld::say(const std::string& text) {
    if (story_ != nullptr)
        story_->push_back(fmt::format("{:>16}  {}", text_of(now_.boot.time_since_epoch()), text));
}

void CoreWorld::live(const Step& step) {
    if (failure_)
        return;
    random_.seed(step.seed);
    if (one_in(3))
        now_ = later(now_, one_of<Time::duration>({seconds(1), seconds(9), seconds(10), minutes(1)}));
    switch (step.kind) {
    case Step::Kind::Ask:
    case Step::Kind::Hang:
    case Step::Kind::Deliver:
    case Step::Kind::FailToDeliver:
    case Step::Kind::RefusePeer:
        return connect(step);
    case Step::Kind::EndCheck:
    case Step::Kind::EndCheckThatWasStopped:
        return check(step);
    case Step::Kind::Approve:
    case Step::Kind::Deny:
    case Step::Kind::Enable:
    case Step::Kind::Disable:
    case Step::Kind::MarkAlive:
    case Step::Kind::BeginCheck:
    case Step::Kind::CancelCheck:
        return administer(step);
    case Step::Kind::Change:
    case Step::Kind::Add:
    case Step::Kind::Remove:
    case Step::Kind::Reload:
    case Step::Kind::BeginLockdown:
    case Step::Kind::EndLockdown:
        return configure(step);
    case Step::Kind::Wait:
    case Step::Kind::Sleep:
    case Step::Kind::LiveWell:
    case Step::Kind::SetClock:
        return pass_time(step);
    case Step::Kind::Flush:
        unsaved_.soon_is_now();
        say("what can wait is stored");
        (void)commit({}, oracle_);
        return;
    case Step::Kind::FillDisk:
        store_.break_down();
        return say("the disk is full");
    case Step::Kind::FreeDisk:
        if (!store_.is_broken())
            return;
        store_.mend();
        return happens(TimePassed{}, "there is room on the disk");
    case Step::Kind::Crash:
    case Step::Kind::PowerCut:
    case Step::Kind::Restart:
    case Step::Kind::Reboot:
        return go_down(step);
    }
}

void CoreWorld::connect(const Step& step) {
    const PeerAddress peer{.port = static_cast<std::uint16_t>(below(3))};
    if (step.kind == Step::Kind::Ask) {
        const char digit = digits[below(digits.size())];
        const ConnectionId connection{++last_connection_};
        const KeyId asked = one_in(50) ? key('9') : key(digit);
        return happens(
            SecretAsked{.connection = connection, .key_id = asked, .peer = peer},
            fmt::format("connection {} asks with key {}", last_connection_, asked.text().substr(0, 4)));
    }
    if (step.kind == Step::Kind::RefusePeer)
        return happens(PeerRefused{.peer = peer, .cause = "no TLS"}, "a peer is refused");
    if (step.kind == Step::Kind::Hang) {
        if (last_connection_ == 0)
            return;
        // Whoever waits; sometimes one that was answered.
        ConnectionId gone{1 + below(last_connection_)};
        if (!oracle_.waits().empty() && !one_in(5))
            gone =
                std::next(oracle_.waits().begin(), static_cast<std::ptrdiff_t>(below(oracle_.waits().size())))
                    ->first;
        return happens(ConnectionGone{gone},
                       fmt::format("connection {} is gone", static_cast<std::uint64_t>(gone)));
    }
    if (deliveries_.empty())
        return;
    const auto place = deliveries_.begin() + static_cast<std::ptrdiff_t>(below(deliveries_.size()));
    const Delivered delivered = *place;
    deliveries_.erase(place);
    if (step.kind == Step::Kind::Deliver)
        happens(delivered, fmt::format("{} has received its secret", delivered.name));
    else
        happens(NotDelivered{.name = delivered.name, .peer = delivered.peer, .cause = "it hung up"},
                fmt::format("{} has not received its secret", delivered.name));
}

void CoreWorld::check(const Step& step) {
    const int status = one_in(3) ? one_of({1, 255, check_crashed}) : 0;
    if (step.kind == Step::Kind::EndCheckThatWasStopped) {
        if (stopped_.empty())
            return;
        const auto& [id, check] = stopped_[below(stopped_.size())];
        return happens(CheckEnded{.client = id, .check = check, .status = status},
                       fmt::format("a check that was stopped ends with {}", status));
    }
    if (running_.empty())
        return;
    const auto& [id, check] =
        *std::next(running_.begin(), static_cast<std::ptrdiff_t>(below(running_.size())));
    happens(CheckEnded{.client = id, .check = check.id, .status = status},
            fmt::format("the check of {} ends with {}", oracle_.names.at(id), status));
}

void CoreWorld::administer(const Step& step) {
    const auto id = some_client();
    if (!id)
        return;
    const std::string& name = oracle_.names.at(*id);
    const std::string actor = "uid 0";
    if (step.kind == Step::Kind::Approve || step.kind == Step::Kind::Deny) {
        const bool approves = step.kind == Step::Kind::Approve;
        happens(
            Approve{.client = *id, .decision = approves ? Decision::Approve : Decision::Deny, .actor = actor},
            fmt::format("{} is {}", name, approves ? "approved" : "denied"));
    } else if (step.kind == Step::Kind::Enable) {
        happens(Enable{.client = *id, .actor = actor}, fmt::format("{} is enabled", name));
    } else if (step.kind == Step::Kind::Disable) {
        happens(Disable{.client = *id, .actor = actor}, fmt::format("{} is disabled", name));
    } else if (step.kind == Step::Kind::MarkAlive) {
        happens(MarkAlive{.client = *id, .actor = actor}, fmt::format("{} is said to be alive", name));
    } else if (step.kind == Step::Kind::BeginCheck) {
        happens(BeginCheck{*id}, fmt::format("a check of {} is asked for", name));
    } else {
        happens(CancelCheck{*id}, fmt::format("the check of {} is to be stopped", name));
    }
}

void CoreWorld::configure(const Step& step) {
    const std::string actor = "uid 0";
    if (step.kind == Step::Kind::BeginLockdown || step.kind == Step::Kind::EndLockdown) {
        const bool on = step.kind == Step::Kind::BeginLockdown;
        return happens(SetLockdown{.on = on, .actor = actor}, on ? "lockdown" : "the end of lockdown");
    }
    if (step.kind == Step::Kind::Reload) {
        edit_configuration();
        return happens(Reconfigure{.configured = configuration_, .actor = actor},
                       "the configuration is read again");
    }
    if (step.kind == Step::Kind::Add) {
        const std::string name(1, digits[below(digits.size())]);
        if (oracle_.accounts().contains(name))
            return;
        const ClientSettings settings = some_settings(name);
        return happens(Add{.settings = settings, .actor = actor},
                       fmt::format("{} is added, enabled = {}, timeout {}", name, settings.enabled,
                                   text_of(settings.timeout)));
    }
    const auto id = some_client();
    if (!id)
        return;
    const std::string name = oracle_.names.at(*id);
    if (step.kind == Step::Kind::Remove)
        return happens(Remove{.client = *id, .actor = actor}, fmt::format("{} is removed", name));
    const ClientSettings anew = some_settings(name);
    SettingsChange change;
    std::string what;
    switch (below(7)) {
    case 0:
    case 1:
        change.timeout = anew.timeout;
        what = "timeout " + text_of(anew.timeout);
        break;
    case 2:
        change.extended_timeout = anew.extended_timeout;
        change.interval = anew.interval;
        what = "interval " + text_of(anew.interval);
        break;
    case 3:
        change.approval_delay = anew.approval_delay;
        change.approved_by_default = anew.approved_by_default;
        what = fmt::format("approval delay {}, default {}", text_of(anew.approval_delay),
                           anew.approved_by_default);
        break;
    case 4:
        change.approval_duration = anew.approval_duration;
        what = "approval duration " + text_of(anew.approval_duration);
        break;
    case 5:
        change.secret = anew.secret;
        what = "secret";
        break;
    default:
        change.host = anew.host;
        what = "host";
    }
    happens(Change{.client = *id, .change = change, .actor = actor},
            fmt::format("{} gets another {}", name, what));
}

void CoreWorld::pass_time(const Step& step) {
    const auto by =
        one_of<Time::duration>({seconds(1), seconds(15), minutes(1), minutes(3), minutes(6), minutes(20)});
    if (step.kind == Step::Kind::SetClock) {
        const auto jump = some_jump();
        now_.wall += jump;
        say(fmt::format("the wall clock is set {} {}", jump > jump.zero() ? "ahead by" : "back by",
                        text_of(std::chrono::abs(jump) % hours(24 * 365 * 100))));
        if (one_in(2))
            happens(TimePassed{}, "somebody looks");
    } else if (step.kind == Step::Kind::Sleep) {
        now_ = later(now_, by);
        happens(TimePassed{}, fmt::format("the machine slept for {}", text_of(by)));
    } else {
        pass(by, step.kind == Step::Kind::LiveWell);
    }
}

// Lets time pass as the loop of a server does. WELL: all checks end at once, and well; then nobody who is
// checked often enough may run out of time.
void CoreWorld::pass(Time::duration by, bool well) {
    say(fmt::format("{} pass{}", text_of(by), well ? ", and all are well" : ""));
    const auto end_checks = [this] {
        while (!running_.empty() && !failure_) {
            const auto [id, check] = *running_.begin();
            happens(CheckEnded{.client = id, .check = check.id, .status = 0},
                    fmt::format("the check of {} ends with 0", oracle_.names.at(id)));
        }
    };
    std::set<std::string> safe;
    const Time end = now_.boot + by;
    if (well) {
        happens(TimePassed{}, "");
        end_checks();
        for (const auto& [id, client] : server_->clients())
            if (client.life.enabled && client.next_check < client.life.expires.boot
                && std::max<Duration>(client.settings.interval, seconds(1)) < client.settings.timeout)
                safe.insert(client.settings.name);
    }
    while (now_.boot < end && !failure_) {
        const auto next = server_->next_deadline();
        const Time until = next && *next < end ? std::max(*next, now_.boot) : end;
        now_ = later(now_, std::chrono::ceil<std::chrono::milliseconds>(until - now_.boot));
        happens(TimePassed{}, "");
        if (well)
            end_checks();
    }
    for (const std::string& name : safe)
        expect(oracle_.accounts().at(name).trust.lives,
               fmt::format("all checks of {} ended well, and it ran out of time", name));
}

void CoreWorld::go_down(const Step& step) {
    const bool clean = step.kind == Step::Kind::Restart || step.kind == Step::Kind::Reboot;
    const bool same_boot = step.kind == Step::Kind::Restart || step.kind == Step::Kind::Crash;
    if (clean) {
        happens(Stopping{}, "the server stops");
        expect(store_.stopped_cleanly() != store_.is_broken(),
               "it is not written down whether the server stopped cleanly");
    }
    store_.mend();
    unsaved_ = {};
    withheld_.clear();
    if (durable_)
        oracle_ = *std::exchange(durable_, std::nullopt);
    server_.reset();
    running_.clear();
    stopped_.clear();
    deliveries_.clear();
    const auto away = one_of<Time::duration>({seconds(0), seconds(1), seconds(30), minutes(4), hours(1)});
    now_ = later(now_, away);
    const Time now_before = now_.boot;
    if (!same_boot)
        now_.boot = Time(one_of<Time::duration>({seconds(5), minutes(2), hours(30)}));
    if (one_in(3))
        now_.wall += some_jump();
    if (one_in(2))
        edit_configuration();
    say(fmt::format("{}, {} later, wall clock {}: starts",
                    same_boot ? "crash or stop" : "power cut or reboot", text_of(away),
                    now_.wall.time_since_epoch().count() / 1'000'000));
    begin(same_boot, now_before);
}

} // namespace mandos::support
