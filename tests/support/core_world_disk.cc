// CoreWorld: what is durable and what is not, as programs/mandos/engine has it.
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "base/error.h"
#include "core/audit.h"
#include "core/store.h"
#include "tests/support/core_driver.h"
#include "tests/support/core_world.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is tested

// ACTIONS and what was not taken before; BEFORE is what held before them.
CoreWorld::IsDurable CoreWorld::commit(const Actions& actions, const Oracle& before) {
    for (const Action& action : actions)
        unsaved_.note(action);
    if (!unsaved_.is_empty()) {
        const Transaction transaction = unsaved_.transaction(server_->clients(), now_);
        const Result<void> stored = store_.commit(transaction);
        if (!stored) {
            expect(store_.is_broken(), stored.error().text());
            unsaved_.not_taken();
            if (!durable_)
                durable_ = before;
            return IsDurable::No;
        }
        for (const std::string& name : transaction.erased)
            oracle_.erased(name);
        for (const auto& [name, what] : store_.written())
            oracle_.kept(name, what, now_);
        unsaved_.taken();
    }
    durable_.reset();
    look_at_disk();
    return IsDurable::Yes;
}

// A secret leaves when it is durable that it does, and there is one record of each that left.
void CoreWorld::look_at_releases(IsDurable durable, const Actions& actions) {
    for (const auto& release : all<Release>(actions)) {
        if (durable == IsDurable::Yes) {
            ++released_[release.client];
            deliveries_.push_back({.client = release.id, .name = release.client, .peer = {}});
        } else {
            ++withheld_.try_emplace(release.client, store_.records(AuditEvent::Refused, release.client))
                  .first->second;
            say(fmt::format("{} gets nothing, since that cannot be recorded", release.client));
        }
    }
    for (const auto& [name, count] : released_)
        expect(store_.records(AuditEvent::SecretReleased, name) == count,
               fmt::format("{} secrets of {} were released, and {} records of that are stored", count, name,
                           store_.records(AuditEvent::SecretReleased, name)));
    for (const auto& [name, least] : withheld_) {
        expect(released_.contains(name) || store_.records(AuditEvent::SecretReleased, name) == 0,
               fmt::format("a release of {} is recorded, and there was none", name));
        expect(durable == IsDurable::No || store_.records(AuditEvent::Refused, name) >= least,
               fmt::format("{} was refused, since that could not be recorded, and it is not recorded now",
                           name));
    }
}

// Once the store took everything it has what the server has, apart from what a crash may take back.
void CoreWorld::look_at_disk() {
    expect(store_.is_locked_down() == server_->is_locked_down(), "lockdown is stored otherwise than it is");
    expect(store_.clients().size() == server_->clients().size(), "other clients are stored than there are");
    for (const auto& [id, client] : server_->clients()) {
        const std::string& name = client.settings.name;
        const auto found = store_.clients().find(name);
        if (found == store_.clients().end())
            return expect(false, fmt::format("{} is not stored", name));
        const StoredClient& stored = found->second;
        expect(same_settings(stored.settings, client.settings),
               fmt::format("other settings of {} are stored", name));
        expect(stored.life.enabled == client.life.enabled,
               fmt::format("it is not stored that {} is {}", name,
                           client.life.enabled ? "enabled" : "disabled"));
        expect(client.life.decision != Decision::Deny || stored.life.decision == Decision::Deny,
               fmt::format("it is not stored that {} is denied", name));
    }
}

} // namespace mandos::support
