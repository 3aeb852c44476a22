#include "core/client.h"

#include <optional>

namespace mandos::core {

namespace {

template <class T>
void note(std::optional<T>& change, const T& before, const T& now) {
    if (before != now)
        change = now;
}

} // namespace

bool same(const Secret& one, const Secret& other) {
    const bool one_is_empty = !one || one->empty();
    const bool other_is_empty = !other || other->empty();
    return one_is_empty || other_is_empty ? one_is_empty == other_is_empty : *one == *other;
}

SettingsChange difference(const ClientSettings& before, const ClientSettings& now) {
    SettingsChange change;
    note(change.host, before.host, now.host);
    note(change.checker, before.checker, now.checker);
    note(change.timeout, before.timeout, now.timeout);
    note(change.extended_timeout, before.extended_timeout, now.extended_timeout);
    note(change.interval, before.interval, now.interval);
    note(change.approval_delay, before.approval_delay, now.approval_delay);
    note(change.approval_duration, before.approval_duration, now.approval_duration);
    note(change.approved_by_default, before.approved_by_default, now.approved_by_default);
    note(change.key_id, before.key_id, now.key_id);
    note(change.fingerprint, before.fingerprint, now.fingerprint);
    note(change.enabled, before.enabled, now.enabled);
    if (!same(before.secret, now.secret))
        change.secret = now.secret ? now.secret : make_secret({});
    return change;
}

} // namespace mandos::core
