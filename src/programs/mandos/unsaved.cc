#include "programs/mandos/unsaved.h"

#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "core/actions.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/limits.h"
#include "core/store.h"
#include "core/time.h"

namespace mandos::server {

void Unsaved::note(const core::Action& action) {
    if (const auto* save = std::get_if<core::Save>(&action)) {
        if (save->urgency == core::Urgency::Soon) {
            waiting_.insert(save->client);
            return;
        }
        lives_.insert(save->client);
        if (save->what == core::Save::What::Everything)
            settings_.insert(save->client);
    } else if (const auto* erase = std::get_if<core::Erase>(&action)) {
        erased_.push_back(erase->client);
    } else if (const auto* remember = std::get_if<core::RememberRemoved>(&action)) {
        removed_[remember->client] = remember->removed;
    } else if (const auto* server = std::get_if<core::SaveServer>(&action)) {
        if (server->locked_down)
            server_.locked_down = server->locked_down;
        if (server->stopped_cleanly)
            server_.stopped_cleanly = server->stopped_cleanly;
    } else if (const auto* audit = std::get_if<core::Audit>(&action)) {
        audit_.push_back(audit->record);
    }
}

void Unsaved::hurry() {
    lives_.merge(std::exchange(waiting_, {}));
}

bool Unsaved::is_empty() const {
    return settings_.empty() && lives_.empty() && erased_.empty() && removed_.empty() && audit_.empty()
           && !server_.locked_down && !server_.stopped_cleanly;
}

core::Transaction Unsaved::transaction(const core::Clients& clients, core::Now now) const {
    core::Transaction transaction{.now = now,
                                  .erased = erased_,
                                  .locked_down = server_.locked_down,
                                  .stopped_cleanly = server_.stopped_cleanly,
                                  .audit = audit_};
    const auto add = [&clients](const std::set<core::ClientId>& ids,
                                std::vector<const core::Client*>& added) {
        for (const core::ClientId id : ids)
            if (const core::Client* client = clients.find(id)) // else it was removed since then
                added.push_back(client);
    };
    add(settings_, transaction.settings);
    add(lives_, transaction.lives);
    for (const auto& [name, removed] : removed_)
        (removed ? transaction.removed : transaction.forgotten).push_back(name);
    return transaction;
}

void Unsaved::not_stored() {
    for (core::AuditRecord& record : audit_)
        record = server::not_stored(std::move(record));
    if (audit_.size() > core::limits::unwritten_records)
        audit_.resize(core::limits::unwritten_records);
}

core::AuditRecord not_stored(core::AuditRecord record) {
    if (record.event == core::AuditEvent::SecretReleased) {
        record.event = core::AuditEvent::Refused;
        record.cause = core::refusal_text(core::Refusal::NotStored, record.client);
    }
    return record;
}

} // namespace mandos::server
