// Oracle: what each event has to lead to. What a restart may is in core_oracle_restart.cc.
#include "tests/support/core_oracle.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is judged

namespace {

std::string text_of(const Secret& secret) {
    return secret ? std::string(as_text(*secret)) : std::string();
}

auto visible(const ClientSettings& one) {
    return std::tie(one.name, one.key_id, one.fingerprint, one.host, one.checker, one.timeout,
                    one.extended_timeout, one.interval, one.approval_delay, one.approval_duration,
                    one.approved_by_default);
}

// A field of the configuration that is no longer as it was wins over what was set at run time.
template <class T>
void merge(T ClientSettings::* field, ClientSettings& settings, const ClientSettings& before,
           const ClientSettings& said) {
    if (before.*field != said.*field)
        settings.*field = said.*field;
}

template <class T>
void set(T& target, const std::optional<T>& value) {
    target = value.value_or(target);
}

} // namespace

bool same_settings(const ClientSettings& one, const ClientSettings& other) {
    return visible(one) == visible(other) && text_of(one.secret) == text_of(other.secret);
}

Oracle::Expected Oracle::happens(const Event& event, Now now) {
    now_ = now;
    let_time_pass();
    std::visit([this](const auto& what) { on(what); }, event);
    std::ranges::sort(expected_.audit);
    return std::exchange(expected_, {});
}

void Oracle::let_time_pass() {
    for (auto& [name, one] : accounts_) {
        if (one.trust.decision && one.trust.decision_ends <= now_.boot)
            one.trust.decision.reset();
        if (one.trust.lives && one.trust.until <= now_.boot) {
            one.trust.lives = false;
            expected_.audit.emplace_back(AuditEvent::Expired, name);
            refuse_waiting(&name, Refusal::Disabled);
            std::erase_if(running, [&](const auto& check) { return names.at(check.first) == name; });
        }
    }
    std::erase_if(waits_, [this](const auto& entry) {
        const auto& [connection, wait] = entry;
        if (wait.ends > now_.boot)
            return false;
        expected_.answers.emplace(connection, *answer(wait.key_id, true));
        return true;
    });
    for (const auto& [connection, one] : expected_.answers)
        if (!one.refusal)
            expected_.audit.emplace_back(AuditEvent::SecretReleased, one.client);
}

std::optional<Oracle::Answer> Oracle::answer(const KeyId& key_id, bool has_waited) const {
    std::vector<const Account*> holders;
    for (const auto& [name, one] : accounts_)
        if (one.settings.key_id == key_id && !key_id.is_of_nothing())
            holders.push_back(&one);
    if (holders.size() != 1)
        return Answer{.refusal = holders.empty() ? Refusal::UnknownKey : Refusal::SharedKey};
    const Account& one = *holders.front();
    const auto refused = [&](Refusal reason) {
        return Answer{.refusal = reason, .client = one.settings.name};
    };
    const std::string secret = text_of(one.settings.secret);
    if (locked_)
        return refused(Refusal::Lockdown);
    if (!one.trust.lives)
        return refused(Refusal::Disabled);
    if (secret.empty())
        return refused(Refusal::NoSecret);
    if (one.trust.decision == Decision::Deny)
        return refused(Refusal::Denied);
    const bool approved = one.trust.decision == Decision::Approve
                          || one.settings.approval_delay <= Duration::zero()
                          || (has_waited && one.settings.approved_by_default);
    if (approved)
        return Answer{.client = one.settings.name, .secret = secret};
    if (has_waited)
        return refused(Refusal::ApprovalTimedOut);
    return std::nullopt;
}

void Oracle::on(const SecretAsked& asked) {
    if (const auto now = answer(asked.key_id, false)) {
        expected_.answers.emplace(asked.connection, *now);
        if (!now->refusal)
            expected_.audit.emplace_back(AuditEvent::SecretReleased, now->client);
        return;
    }
    for (const auto& [name, one] : accounts_)
        if (one.settings.key_id == asked.key_id)
            waits_.emplace(asked.connection, Wait{.client = name,
                                                  .key_id = asked.key_id,
                                                  .ends = now_.boot + one.settings.approval_delay});
    expected_.waits = asked.connection;
}

void Oracle::refuse_waiting(const std::string* name, Refusal reason) {
    std::erase_if(waits_, [&](const auto& entry) {
        const auto& [connection, wait] = entry;
        if (name != nullptr && wait.client != *name)
            return false;
        expected_.answers.emplace(connection, Answer{.refusal = reason, .client = wait.client});
        return true;
    });
}

void Oracle::on(const Delivered& delivered) {
    expected_.audit.emplace_back(AuditEvent::SecretDelivered, delivered.name);
    const auto name = names.find(delivered.client);
    if (name == names.end())
        return;
    Account& one = accounts_.at(name->second);
    if (one.trust.lives) {
        one.trust.until = now_.boot + one.settings.extended_timeout;
        one.trust.extended = true;
    }
}

void Oracle::on(const NotDelivered& failed) {
    expected_.audit.emplace_back(AuditEvent::SecretNotDelivered, failed.name);
}

void Oracle::on(const CheckEnded& ended) {
    const auto is_running = running.find(ended.client);
    if (is_running == running.end() || is_running->second != ended.check)
        return;
    Account& one = account(ended.client);
    one.trust.last_check_good = ended.status == 0;
    if (ended.status == 0 && one.trust.lives) {
        one.trust.until = now_.boot + one.settings.timeout;
        one.trust.extended = false;
    }
}

void Oracle::on(const Approve& act) {
    Account& one = account(act.client);
    one.trust.decision = act.decision;
    one.trust.decision_ends = now_.boot + one.settings.approval_duration;
    expected_.audit.emplace_back(
        act.decision == Decision::Approve ? AuditEvent::Approved : AuditEvent::Denied, one.settings.name);
    std::erase_if(waits_, [&](const auto& entry) {
        const auto& [connection, wait] = entry;
        if (wait.client != one.settings.name)
            return false;
        const Answer now = *answer(wait.key_id, false);
        expected_.answers.emplace(connection, now);
        if (!now.refusal)
            expected_.audit.emplace_back(AuditEvent::SecretReleased, now.client);
        return true;
    });
    if (one.settings.approval_duration <= Duration::zero())
        one.trust.decision.reset();
}

void Oracle::on(const Enable& act) {
    Account& one = account(act.client);
    if (one.trust.lives)
        return;
    one.trust.lives = true;
    one.trust.until = now_.boot + one.settings.timeout;
    one.trust.extended = false;
    expected_.audit.emplace_back(AuditEvent::Enabled, one.settings.name);
}

void Oracle::on(const Disable& act) {
    Account& one = account(act.client);
    if (!std::exchange(one.trust.lives, false))
        return;
    expected_.audit.emplace_back(AuditEvent::Disabled, one.settings.name);
    refuse_waiting(&one.settings.name, Refusal::Disabled);
}

void Oracle::on(const MarkAlive& act) {
    Account& one = account(act.client);
    one.trust.last_check_good = true;
    if (one.trust.lives) {
        one.trust.until = now_.boot + one.settings.timeout;
        one.trust.extended = false;
    }
    expected_.audit.emplace_back(AuditEvent::MarkedAlive, one.settings.name);
}

// A longer timeout adds the difference. A shorter one takes it away, unless that would end the client now:
// then it has the new timeout from now on, if that is not more than it had.
void Oracle::set_timeout(Trust& trust, Duration before, Duration now) const {
    if (!trust.lives || trust.extended)
        return;
    const Time moved = trust.until + (now - before);
    trust.until = now >= before || moved > now_.boot ? moved : std::min(trust.until, now_.boot + now);
}

void Oracle::on(const Change& act) {
    Account& one = account(act.client);
    ClientSettings& settings = one.settings;
    const SettingsChange& change = act.change;
    if (change.timeout)
        set_timeout(one.trust, settings.timeout, *change.timeout);
    set(settings.host, change.host);
    set(settings.checker, change.checker);
    set(settings.timeout, change.timeout);
    set(settings.extended_timeout, change.extended_timeout);
    set(settings.interval, change.interval);
    set(settings.approval_delay, change.approval_delay);
    set(settings.approval_duration, change.approval_duration);
    set(settings.approved_by_default, change.approved_by_default);
    if (change.secret)
        settings.secret = change.secret;
}

void Oracle::add(const ClientSettings& settings, Origin origin) {
    Account one{.settings = settings, .configured = settings, .origin = origin};
    one.trust.lives = settings.enabled;
    one.trust.until = now_.boot + settings.timeout;
    accounts_.emplace(settings.name, std::move(one));
    expected_.audit.emplace_back(AuditEvent::ClientAdded, settings.name);
}

void Oracle::on(const Add& act) {
    removed_.erase(act.settings.name);
    add(act.settings, Origin::Runtime);
}

void Oracle::remove(const std::string& name, bool for_good) {
    expected_.audit.emplace_back(AuditEvent::ClientRemoved, name);
    refuse_waiting(&name, Refusal::Removed);
    if (for_good && accounts_.at(name).origin == Origin::Configuration)
        removed_.insert(name);
    accounts_.erase(name);
}

void Oracle::on(const Remove& act) {
    remove(std::string(names.at(act.client)), true);
}

bool Oracle::configure(Account& one, const ClientSettings& said) const {
    const ClientSettings before = std::exchange(one.configured, said);
    ClientSettings& settings = one.settings;
    if (before.timeout != said.timeout)
        set_timeout(one.trust, settings.timeout, said.timeout);
    merge(&ClientSettings::key_id, settings, before, said);
    merge(&ClientSettings::fingerprint, settings, before, said);
    merge(&ClientSettings::host, settings, before, said);
    merge(&ClientSettings::checker, settings, before, said);
    merge(&ClientSettings::timeout, settings, before, said);
    merge(&ClientSettings::extended_timeout, settings, before, said);
    merge(&ClientSettings::interval, settings, before, said);
    merge(&ClientSettings::approval_delay, settings, before, said);
    merge(&ClientSettings::approval_duration, settings, before, said);
    merge(&ClientSettings::approved_by_default, settings, before, said);
    if (text_of(before.secret) != text_of(said.secret))
        settings.secret = said.secret;
    const bool was_added_here = std::exchange(one.origin, Origin::Configuration) == Origin::Runtime;
    if (said.enabled == before.enabled || said.enabled == one.trust.lives)
        return false;
    // Who was added at run time has not had `enabled = no` in the configuration before.
    if (said.enabled && was_added_here)
        return false;
    one.trust.lives = said.enabled;
    one.trust.until = now_.boot + settings.timeout;
    one.trust.extended = false;
    return true;
}

void Oracle::on(const Reconfigure& act) {
    std::set<std::string> names_now;
    for (const ClientSettings& said : act.configured)
        names_now.insert(said.name);
    std::vector<std::string> gone;
    for (const auto& [name, one] : accounts_)
        if (one.origin == Origin::Configuration && !names_now.contains(name))
            gone.push_back(name);
    for (const std::string& name : gone)
        remove(name, false);
    std::erase_if(removed_, [&](const std::string& name) { return !names_now.contains(name); });
    for (const ClientSettings& said : act.configured) {
        if (removed_.contains(said.name))
            continue;
        const auto found = accounts_.find(said.name);
        if (found == accounts_.end()) {
            add(said, Origin::Configuration);
            continue;
        }
        Account& one = found->second;
        const auto key_before = one.settings.key_id;
        const bool turned = configure(one, said);
        if (one.settings.key_id != key_before)
            refuse_waiting(&said.name, Refusal::OtherKey);
        if (!turned)
            continue;
        expected_.audit.emplace_back(one.trust.lives ? AuditEvent::Enabled : AuditEvent::Disabled, said.name);
        if (!one.trust.lives)
            refuse_waiting(&said.name, Refusal::Disabled);
    }
    expected_.audit.emplace_back(AuditEvent::ConfigurationRead, "");
}

void Oracle::on(const SetLockdown& act) {
    if (std::exchange(locked_, act.on) == act.on)
        return;
    expected_.audit.emplace_back(act.on ? AuditEvent::LockdownBegun : AuditEvent::LockdownEnded, "");
    if (act.on)
        refuse_waiting(nullptr, Refusal::Lockdown);
}

void Oracle::on(const Stopping& /*stopping*/) {
    refuse_waiting(nullptr, Refusal::Stopping);
    expected_.audit.emplace_back(AuditEvent::ServerStopped, "");
}

} // namespace mandos::support
